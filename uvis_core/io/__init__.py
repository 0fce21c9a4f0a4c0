"""Files in and out: atomic writes, tables, run-length masks, images, videos, weights, errors."""
