"""Unsupervised video instance segmentation: the stages, each a package that meets the others in tables."""
