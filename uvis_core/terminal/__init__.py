"""What a run shows in the terminal while it works and when it ends."""
