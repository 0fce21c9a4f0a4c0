"""Stage frames: videos, frame folders or YTVIS json to a frame index."""
