"""Precision over recall, from the verdicts on all videos of one group, and in a form short enough to keep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from uvis_core.evaluation.ytvis.matching import IOU_THRESHOLDS, VideoMatches, threshold_index

RECALL_POINTS = np.linspace(0.0, 1.0, 101)
CURVE_IOUS = {"iou50": 0.5, "iou75": 0.75}
DECIMALS = 4


@dataclass(frozen=True)
class Curve:
    """What one group (one class, or all) reached. -1 stands where the group has no truth in the bin.

    Attributes:
        precision: Best precision at each recall point or beyond, float64 of shape (B, T, 101).
        recall: Highest recall, float64 of shape (B, T).
    """

    precision: np.ndarray
    recall: np.ndarray


def accumulate(videos: Sequence[VideoMatches], bins: int, thresholds: int, max_tracks: int) -> Curve:
    """Join the videos of one group, as the COCO evaluator does.

    Args:
        videos: Verdicts, one per video, in the order of the videos; equal scores keep this order.
        bins: B.
        thresholds: T.
        max_tracks: Predictions that count per video, the best by score.
    """
    precision = np.full((bins, thresholds, len(RECALL_POINTS)), -1.0)
    recall = np.full((bins, thresholds), -1.0)
    truths = np.sum([video.truths for video in videos], axis=0) if videos else np.zeros(bins)
    if not truths.any():
        return Curve(precision, recall)
    scores = np.concatenate([video.scores[:max_tracks] for video in videos])
    order = np.argsort(-scores, kind="stable")
    found = np.concatenate([video.found[:, :, :max_tracks] for video in videos], axis=2)[:, :, order]
    counts = ~np.concatenate([video.ignored[:, :, :max_tracks] for video in videos], axis=2)[:, :, order]
    right = np.cumsum(found & counts, axis=2, dtype=np.float64)
    wrong = np.cumsum(~found & counts, axis=2, dtype=np.float64)
    for index in np.flatnonzero(truths):
        reached = right[index] / truths[index]
        shares = right[index] / (right[index] + wrong[index] + np.spacing(1))
        envelope = np.maximum.accumulate(shares[:, ::-1], axis=1)[:, ::-1]
        recall[index] = reached[:, -1] if len(order) else 0.0
        for step in range(thresholds):
            at = np.searchsorted(reached[step], RECALL_POINTS, side="left")
            padded = np.append(envelope[step], 0.0)
            precision[index, step] = padded[np.minimum(at, len(order))]
    return Curve(precision, recall)


def mean_where_defined(values: np.ndarray) -> float:
    """Mean of the entries above -1, or -1.0 where there are none, as the official figures are formed."""
    defined = values[values > -1]
    return float(np.mean(defined)) if defined.size else -1.0


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
