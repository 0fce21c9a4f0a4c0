"""Precision over recall, from the verdicts on all videos of one group, and in a form short enough to keep."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from uvis_core.evaluation.ytvis.matching import IOU_THRESHOLDS, VideoMatches, threshold_index

RECALL_POINTS = np.linspace(0.0, 1.0, 101)
CURVE_IOUS = {"iou50": 0.5, "iou75": 0.75}
DECIMALS = 4


def precision_curves(videos: Sequence[VideoMatches], bins: int, thresholds: int) -> np.ndarray:
    """Join the videos of one group (one class, or all), as the COCO evaluator does.

    Args:
        videos: Verdicts, one per video, in the order of the videos; equal scores keep this order.
        bins: B.
        thresholds: T.

    Returns:
        Best precision at each recall point or beyond, float64 of shape (B, T, 101); -1 in bins without any truth.
    """
    precision = np.full((bins, thresholds, len(RECALL_POINTS)), -1.0)
    truths = _truths(videos, bins)
    if not truths.any():
        return precision
    order = np.argsort(-np.concatenate([video.scores for video in videos]), kind="stable")
    found = np.concatenate([video.found for video in videos], axis=2)[:, :, order]
    counts = ~np.concatenate([video.ignored for video in videos], axis=2)[:, :, order]
    rows = np.arange(thresholds)[:, None]
    for index in np.flatnonzero(truths).tolist():
        right = np.cumsum(found[index] & counts[index], axis=1)
        wrong = np.cumsum(~found[index] & counts[index], axis=1)
        shares = right / (right + wrong + np.spacing(1))
        envelope = np.maximum.accumulate(shares[:, ::-1], axis=1)[:, ::-1]
        # As many right predictions as a recall takes, and where they are reached: in all rows at once, one above the
        # other.
        wanted = np.searchsorted(np.arange(truths[index] + 1) / truths[index], RECALL_POINTS)
        above = rows * (truths[index] + 1)
        at = np.searchsorted((right + above).ravel(), wanted + above) - rows * len(order)
        precision[index] = np.append(envelope, np.zeros((thresholds, 1)), axis=1)[rows, at]
    return precision


def highest_recalls(
    videos: Sequence[VideoMatches], bins: int, thresholds: int, max_tracks: int
) -> np.ndarray:
    """Share of the truths that are found, of one group.

    Args:
        videos: Verdicts, one per video.
        bins: B.
        thresholds: T.
        max_tracks: Predictions that count per video, the best by score.

    Returns:
        float64 of shape (B, T); -1 in bins without any truth.
    """
    truths = _truths(videos, bins)[:, None]
    right = np.zeros((bins, thresholds), dtype=np.int64)
    if videos:
        found = np.concatenate([video.found[:, :, :max_tracks] for video in videos], axis=2)
        ignored = np.concatenate([video.ignored[:, :, :max_tracks] for video in videos], axis=2)
        right = (found & ~ignored).sum(axis=2)
    return np.divide(right, truths, out=np.full(right.shape, -1.0), where=truths > 0)


def _truths(videos: Sequence[VideoMatches], bins: int) -> np.ndarray:
    """Truths that count in each bin, int64 of shape (B,)."""
    return np.sum([np.zeros(bins, dtype=np.int64), *(video.truths for video in videos)], axis=0)


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
