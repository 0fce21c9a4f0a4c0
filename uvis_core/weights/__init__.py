"""Published weights by name: where they are, what they may be used for, and how they are fetched."""
