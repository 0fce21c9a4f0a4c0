"""Stage labels: scores and thresholds to pseudo-labels."""
