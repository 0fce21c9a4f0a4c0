"""The explorer: a local page on which a run's labels are tuned, searched, seen and corrected."""
