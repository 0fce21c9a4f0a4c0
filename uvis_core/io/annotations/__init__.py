"""Annotations of any kind, foreign or a table of truth, in one form: videos, their objects and the masks of these."""
