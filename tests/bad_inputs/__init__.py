"""Bad and odd inputs, each with what becomes of it; docs/bad_inputs.md lists them (``python -m tests.bad_inputs``)."""
