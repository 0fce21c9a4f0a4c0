"""Stage truth: foreign annotations become one table per split."""
