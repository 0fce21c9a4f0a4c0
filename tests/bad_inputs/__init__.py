"""Bad and odd inputs, each with what becomes of it; ``python -m tests.bad_inputs`` writes docs/bad_inputs.md of them."""
