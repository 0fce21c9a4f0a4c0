"""Precision at fixed recalls and highest recall, from the verdicts on all videos of one group."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from uvis_core.evaluation.matching import Matches

RECALL_POINTS = np.linspace(0.0, 1.0, 101)


@dataclass(frozen=True)
class Curve:
    """What one group (one class, or all) reached. -1 stands where the group has no truth in the bin.

    Attributes:
        precision: Best precision at each recall point or beyond, float64 of shape (B, T, 101).
        recall: Highest recall, float64 of shape (B, T).
    """

    precision: np.ndarray
    recall: np.ndarray


def accumulate(videos: Sequence[Matches], bins: int, thresholds: int, max_tracks: int) -> Curve:
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
