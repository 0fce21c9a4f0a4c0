"""Predicted tracks, from results in json or from tables of tracks, handed out video by video."""
