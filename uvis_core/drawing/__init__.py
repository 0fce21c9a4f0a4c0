"""What is drawn on frames: masks with contours and tags, for all stages that make pictures."""
