"""Average precision and recall of YTVIS and OVIS: overlap, matching, curves, figures of a protocol."""
