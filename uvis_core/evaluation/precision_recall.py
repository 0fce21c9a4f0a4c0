"""Precision over recall, in a form that is short enough to keep for every class."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from uvis_core.evaluation.average_precision import RECALL_POINTS
from uvis_core.evaluation.figures import threshold_index
from uvis_core.evaluation.matching import IOU_THRESHOLDS

CURVE_IOUS = {"iou50": 0.5, "iou75": 0.75}
DECIMALS = 4


def mean_curves(precision: np.ndarray) -> dict[str, list[float]]:
    """Precision at each recall point, mean over the groups with truth; empty lists where none has any.

    Args:
        precision: float64 of shape (K, T, 101) for K groups; -1 where a group has no truth.
    """
    known = precision[precision[:, 0, 0] > -1]
    mean = known.mean(axis=0) if len(known) else np.zeros((len(IOU_THRESHOLDS), 0))
    return {
        "recall": RECALL_POINTS.tolist(),
        "precision_iou50": mean[threshold_index(0.5)].tolist(),
        "precision_iou75": mean[threshold_index(0.75)].tolist(),
        "precision_mean": mean.mean(axis=0).tolist(),
    }


def class_curves(precision: np.ndarray, class_names: Mapping[int, str]) -> list[dict[str, Any]]:
    """Steps of each class's curve at IoU 0.5 and 0.75; classes without truth are left out.

    Args:
        precision: float64 of shape (K, T, 101), one group per class; -1 where a class has no truth.
        class_names: K names by class id, in the order of the groups.

    Returns:
        Per class ``class_id``, ``name``, and ``iou50`` and ``iou75`` as ``curve_steps`` gives them.
    """
    return [
        {
            "class_id": class_id,
            "name": name,
            **{key: curve_steps(curves[threshold_index(iou)]) for key, iou in CURVE_IOUS.items()},
        }
        for (class_id, name), curves in zip(class_names.items(), precision, strict=True)
        if curves[0, 0] > -1
    ]


def curve_steps(precision: np.ndarray) -> dict[str, list[float]]:
    """A curve that never rises as its levels, to four decimals.

    Args:
        precision: float64 of shape (101,), at recalls 0, 0.01 to 1.

    Returns:
        ``precision`` of every level and the last ``recall`` point at which it is reached; the last is 1.
    """
    levels = np.round(precision, DECIMALS)
    ends = np.append(np.flatnonzero(np.diff(levels)), len(levels) - 1)
    return {"recall": np.round(RECALL_POINTS[ends], 2).tolist(), "precision": levels[ends].tolist()}
