"""Fits the segmentation network to the pseudo-labels."""
