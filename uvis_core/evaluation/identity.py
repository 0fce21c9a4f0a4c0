"""HOTA and IDF1: how well identities are kept through a video, beside how well objects are found.

HOTA: Luiten et al., "HOTA: a higher order metric for evaluating multi-object tracking", IJCV 2021.
IDF1: Ristani et al., "Performance measures and a data set for multi-target, multi-camera tracking", ECCVW 2016.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import fsum

import numpy as np
from scipy.optimize import linear_sum_assignment

from uvis_core.io.annotations.model import TrueObject

ALPHAS = np.arange(1, 20) * 0.05
IDENTITY_IOU = 0.5


@dataclass(frozen=True)
class IdentityCounts:
    """What one group of tracks and truths in one video adds to the figures.

    A is the number of IoU thresholds.

    Attributes:
        matched: Masks matched to a true mask, int64 of shape (A,).
        association: Sum over the matched masks of their association accuracy, float64 of shape (A,).
        truth_masks: True masks in all frames.
        track_masks: Predicted masks in all frames.
        identity_matched: Masks matched when every truth keeps one track for the whole video (IDTP).
        switches: Frame and truth of each change of the track that covers a truth.
    """

    matched: np.ndarray
    association: np.ndarray
    truth_masks: int
    track_masks: int
    identity_matched: int
    switches: Sequence[tuple[int, int]]


def count_video(
    truths: Sequence[TrueObject],
    truth_visible: np.ndarray,
    class_ids: np.ndarray,
    track_visible: np.ndarray,
    ious: np.ndarray,
    *,
    class_agnostic: bool,
) -> list[IdentityCounts]:
    """Match the masks of one video, class by class unless ``class_agnostic``; crowds are left out.

    Args:
        truths: The G annotated objects.
        truth_visible: Whether each is to be seen in each frame, bool of shape (T, G).
        class_ids: Classes of the K tracks, int64 of shape (K,).
        track_visible: bool of shape (T, K).
        ious: IoU of masks in every frame, float64 of shape (T, G, K); 0 where one is not visible.
        class_agnostic: Whether a track can cover truths of other classes.
    """
    truth_classes = np.array([truth.class_id for truth in truths], dtype=np.int64)
    crowd = np.array([truth.crowd for truth in truths], dtype=bool)
    if class_agnostic:
        truth_classes, class_ids = np.zeros_like(truth_classes), np.zeros_like(class_ids)
    groups = []
    for class_id in np.union1d(truth_classes, class_ids):
        columns = np.flatnonzero((truth_classes == class_id) & ~crowd)
        rows = np.flatnonzero(class_ids == class_id)
        counts = count_identities(
            ious[:, columns][:, :, rows], truth_visible[:, columns], track_visible[:, rows]
        )
        switches = [(frame, int(columns[index])) for frame, index in counts.switches]
        groups.append(replace(counts, switches=switches))
    return groups


def count_identities(
    ious: np.ndarray, truth_visible: np.ndarray, track_visible: np.ndarray
) -> IdentityCounts:
    """Match the masks of one video.

    Args:
        ious: IoU of masks in every frame, float64 of shape (T, G, D); 0 where one is not visible.
        truth_visible: bool of shape (T, G).
        track_visible: bool of shape (T, D).
    """
    truth_lengths, track_lengths = truth_visible.sum(axis=0), track_visible.sum(axis=0)
    lengths = truth_lengths[:, None] + track_lengths
    alignment = _alignment(ious, lengths)
    frames, truths, tracks = _assigned(alignment * ious, truth_visible, track_visible)
    values = ious[frames, truths, tracks]
    # Masks matched at each threshold, by truth and track: A, G, D.
    together = np.zeros((len(ALPHAS), *ious.shape[1:]), dtype=np.int64)
    matched = values >= ALPHAS[:, None] - np.finfo(float).eps
    for counts, found in zip(together, matched, strict=True):
        np.add.at(counts, (truths, tracks), found)
    covers = np.flatnonzero(values >= IDENTITY_IOU)
    covering: dict[int, int] = {}
    switches = []
    for frame, truth, track in np.stack([frames, truths, tracks], axis=1)[covers].tolist():
        if covering.get(truth, track) != track:
            switches.append((frame, truth))
        covering[truth] = track
    accuracy = together / np.maximum(1, lengths - together)
    identity = (ious >= IDENTITY_IOU).sum(axis=0)
    return IdentityCounts(
        matched=together.sum(axis=(1, 2)),
        # Exact sums, so that neither order nor what is never visible changes a digit.
        association=np.array([fsum(row) for row in (together * accuracy).reshape(len(ALPHAS), -1).tolist()]),
        truth_masks=int(truth_lengths.sum()),
        track_masks=int(track_lengths.sum()),
        identity_matched=int(identity[linear_sum_assignment(identity, maximize=True)].sum()),
        switches=switches,
    )


def _assigned(
    values: np.ndarray, truth_visible: np.ndarray, track_visible: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Assign tracks to truths frame by frame, one to one, such that the sum of the values is largest.

    Args:
        values: float64 of shape (T, G, D), not negative; 0 where one is not visible.
        truth_visible: bool of shape (T, G).
        track_visible: bool of shape (T, D).

    Returns:
        Frames, truths and tracks of N pairs, int64 of shape (N,) each, frames ascending; all pairs that have a value
        are among them.
    """
    if values.shape[1] == 1 or values.shape[2] == 1:
        # The pair of the highest value, the first of equals, as the assignment has it.
        frames = np.flatnonzero(values.max(axis=(1, 2), initial=0.0))
        best = values[frames].reshape(len(frames), values[0].size).argmax(axis=1) if len(frames) else frames
        return frames, *np.divmod(best, values.shape[2])
    found = [np.zeros((3, 0), dtype=np.int64)]
    for frame in np.flatnonzero(truth_visible.any(axis=1) & track_visible.any(axis=1)).tolist():
        truths, tracks = np.flatnonzero(truth_visible[frame]), np.flatnonzero(track_visible[frame])
        rows, columns = linear_sum_assignment(values[frame][truths[:, None], tracks], maximize=True)
        found.append(np.stack([np.full(len(rows), frame), truths[rows], tracks[columns]]))
    frames, truths, tracks = np.concatenate(found, axis=1)
    return frames, truths, tracks


def identity_figures(groups: Sequence[IdentityCounts]) -> dict[str, float]:
    """HOTA, DetA, AssA (means over the thresholds) and IDF1 over all groups; -1 without any truth."""
    truths = sum(group.truth_masks for group in groups)
    tracks = sum(group.track_masks for group in groups)
    if truths == 0:
        return dict.fromkeys(("HOTA", "DetA", "AssA", "IDF1"), -1.0)
    matched = np.sum([group.matched for group in groups], axis=0)
    detection = matched / (truths + tracks - matched)
    association = np.sum([group.association for group in groups], axis=0) / np.maximum(1, matched)
    identity = sum(group.identity_matched for group in groups)
    return {
        "HOTA": float(np.sqrt(detection * association).mean()),
        "DetA": float(detection.mean()),
        "AssA": float(association.mean()),
        "IDF1": 2 * identity / (truths + tracks),
    }


def _alignment(ious: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """How well each truth and track go together over the video, float64 of shape (G, D)."""
    shared = ious.sum(axis=1, keepdims=True) + ious.sum(axis=2, keepdims=True) - ious
    shares = np.divide(ious, shared, out=np.zeros_like(ious), where=shared > np.finfo(float).eps)
    potential = shares.sum(axis=0)
    return potential / np.maximum(lengths - potential, np.finfo(float).eps)
