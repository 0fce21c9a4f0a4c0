"""What the browser shows: one module per part, and what they share."""
