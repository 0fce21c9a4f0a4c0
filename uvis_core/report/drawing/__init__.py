"""Pictures of the page: what is drawn on frames, how, and the short videos that it becomes."""
