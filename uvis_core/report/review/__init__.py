"""Kept labels looked over without any truth: a bounded sample of them, linked through their frames, with doubts."""
