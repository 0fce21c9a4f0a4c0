"""A search for inputs on which a reader breaks: ``python -m tests.fuzz --minutes 60``."""
