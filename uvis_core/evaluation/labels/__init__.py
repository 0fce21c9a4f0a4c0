"""Quality of pseudo-labels: F1, precision and recall over their thresholds."""
