"""Greedy matching of predictions to truths as the COCO and YTVIS evaluators do it, for all bins at once."""

from collections.abc import Mapping, Sequence
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
    found = np.zeros((len(truth_ignored), len(thresholds), len(ious)), dtype=bool)
    on_ignored = np.zeros_like(found)
    lowest = np.minimum(thresholds, _HIGHEST_THRESHOLD).tolist()
    candidates: dict[int, list[tuple[int, float]]] = {}
    for track, truth in zip(*(axis.tolist() for axis in np.nonzero(ious >= min(lowest))), strict=True):
        candidates.setdefault(track, []).append((truth, float(ious[track, truth])))
    # Bins that ignore the same truths are matched alike.
    alike: dict[tuple[bool, ...], list[int]] = {}
    for place, ignored in enumerate(truth_ignored.tolist() if candidates else ()):
        alike.setdefault(tuple(ignored), []).append(place)
    many = crowd.tolist()
    for ignored, bins in alike.items():
        pairs: dict[int, tuple[int, float]] | None = None
        steps: list[int] = []
        taken: list[tuple[int, bool]] = []
        for step, floor in enumerate(lowest):
            # As long as all that was taken reaches the next threshold too, it would be taken again.
            if pairs is None or any(iou < floor for _, iou in pairs.values()):
                pairs = _taken(candidates, floor, many, ignored)
            steps += [step] * len(pairs)
            taken += [(track, ignored[truth]) for track, (truth, _) in pairs.items()]
        if taken:
            tracks, flags = zip(*taken, strict=True)
            found[bins[0], steps, tracks] = True
            on_ignored[bins[0], steps, tracks] = flags
            found[bins], on_ignored[bins] = found[bins[0]], on_ignored[bins[0]]
    return VideoMatches(scores, found, on_ignored | (~found & outside[:, None]), (~truth_ignored).sum(axis=1))


def _taken(
    candidates: Mapping[int, Sequence[tuple[int, float]]],
    floor: float,
    crowd: Sequence[bool],
    ignored: Sequence[bool],
) -> dict[int, tuple[int, float]]:
    """The truth that each prediction takes and their IoU, by prediction.

    Few predictions have more than one candidate, for which plain numbers are faster than arrays.

    Args:
        candidates: Truths and their IoU by prediction, predictions from the highest score down, truths ascending.
        floor: Least IoU of a pair.
        crowd: Of each truth.
        ignored: Of each truth.
    """
    free = [True] * len(crowd)
    pairs: dict[int, tuple[int, float]] = {}
    for track, near in candidates.items():
        best = None
        highest = (False, 0.0)
        for truth, iou in near:
            if iou >= floor and (free[truth] or crowd[truth]):
                rank = (not ignored[truth], iou)
                if rank >= highest:
                    best, highest = truth, rank
        if best is not None:
            free[best] = False
            pairs[track] = best, highest[1]
    return pairs
