"""The embedded default: a generated world of moving shapes with exact truth."""
