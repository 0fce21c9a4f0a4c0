"""Greedy matching of predictions to truths as the COCO and YTVIS evaluators do it, for all bins at once."""

from dataclasses import dataclass

import numpy as np

IOU_THRESHOLDS = np.linspace(0.5, 0.95, 10)
# Full overlap must pass the highest threshold in spite of rounding; the official tools use this same bound.
_HIGHEST_THRESHOLD = 1 - 1e-10


def threshold_index(iou: float) -> int:
    """Position of an IoU threshold."""
    return int(np.argmin(np.abs(IOU_THRESHOLDS - iou)))


@dataclass(frozen=True)
class VideoMatches:
    """Verdicts on the predictions of one group (one class, or all) in one video.

    B bins (of area or occlusion), T IoU thresholds, D predictions from the highest score down, G truths.

    Attributes:
        scores: float64 of shape (D,).
        found: Whether the prediction found a truth, bool of shape (B, T, D).
        ignored: Whether the prediction counts neither as right nor as wrong, bool of shape (B, T, D).
        truths: Truths that count in each bin, int64 of shape (B,).
    """

    scores: np.ndarray
    found: np.ndarray
    ignored: np.ndarray
    truths: np.ndarray


def match_group(
    ious: np.ndarray,
    scores: np.ndarray,
    outside: np.ndarray,
    crowd: np.ndarray,
    truth_ignored: np.ndarray,
    thresholds: np.ndarray = IOU_THRESHOLDS,
) -> VideoMatches:
    """Let each prediction, from the highest score down, take the free truth with the highest IoU.

    A truth that counts goes before one that is ignored; crowds may be taken any number of times; of equal
    IoUs the later truth wins. Predictions that took an ignored truth, or none and lie outside the bin, are
    ignored.

    Args:
        ious: Tube IoU, float64 of shape (D, G), predictions sorted by score, highest first.
        scores: float64 of shape (D,).
        outside: Whether the prediction lies outside each bin, bool of shape (B, D).
        crowd: bool of shape (G,).
        truth_ignored: Whether the truth does not count in each bin, bool of shape (B, G).
        thresholds: IoU thresholds, float64 of shape (T,).
    """
    tracks, truths = ious.shape
    bins, steps = len(truth_ignored), len(thresholds)
    found = np.zeros((bins, steps, tracks), dtype=bool)
    on_ignored = np.zeros_like(found)
    if truths:
        lowest = np.minimum(thresholds, _HIGHEST_THRESHOLD)
        free = np.ones((bins, steps, truths), dtype=bool)
        ignored = np.broadcast_to(truth_ignored[:, None], free.shape)
        for track in np.flatnonzero(ious.max(axis=1) >= lowest.min()):
            open_to = (free | crowd) & (ious[track] >= lowest[:, None])
            counting = open_to & ~ignored
            candidates = np.where(counting.any(axis=2, keepdims=True), counting, open_to)
            values = np.where(candidates, ious[track], -1.0)
            best = truths - 1 - values[..., ::-1].argmax(axis=2)
            found[:, :, track] = candidates.any(axis=2)
            b, t = np.nonzero(found[:, :, track])
            free[b, t, best[b, t]] = False
            on_ignored[b, t, track] = ignored[b, t, best[b, t]]
    return VideoMatches(scores, found, on_ignored | (~found & outside[:, None]), (~truth_ignored).sum(axis=1))
