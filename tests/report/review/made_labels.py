"""Kept labels by hand."""

from typing import Any

import numpy as np

from uvis_core.report.review.sample import NO_CLASS, KeptLabels


def kept_labels(*rows: dict[str, Any]) -> KeptLabels:
    """Labels of these rows; what a row does not say is the same for all: a box of ten pixels in the first frame."""
    usual = {
        "video": 0,
        "frame": 0,
        "class_id": 1,
        "class_score": 0.9,
        "similarity": 0.8,
        "box": (0, 0, 10, 10),
        "area_share": 0.1,
        "rival": NO_CLASS,
        "rival_share": 0.0,
    }
    filled = [{"mask_id": number, **usual, **row} for number, row in enumerate(rows)]
    columns = {name: np.array([row[name] for row in filled]) for name in ("mask_id", *usual)}
    return KeptLabels(**{**columns, "box": columns["box"].reshape(-1, 4).astype(np.float32)})
