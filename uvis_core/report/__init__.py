"""Stage report: everything a run made, on one HTML page."""
