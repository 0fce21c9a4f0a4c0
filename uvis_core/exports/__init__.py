"""Stage exports: labels and tracks in the formats that others read."""
