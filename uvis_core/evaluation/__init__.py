"""Figures for tracks: YTVIS and OVIS average precision, DAVIS J and F, identity measures, submissions."""
