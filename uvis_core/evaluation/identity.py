"""HOTA and IDF1: how well identities are kept through a video, beside how well objects are found.

HOTA: Luiten et al., "HOTA: a higher order metric for evaluating multi-object tracking", IJCV 2021.
IDF1: Ristani et al., "Performance measures and a data set for multi-target, multi-camera tracking", ECCVW 2016.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from uvis_core.evaluation.overlaps import VideoOverlaps
from uvis_core.evaluation.splits import VideoId

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
    # Masks matched at each threshold, by truth and track: A, G, D.
    together = np.zeros((len(ALPHAS), *ious.shape[1:]), dtype=np.int64)
    covering: dict[int, int] = {}
    switches = []
    for frame in np.flatnonzero(truth_visible.any(axis=1) & track_visible.any(axis=1)).tolist():
        truths, tracks = np.flatnonzero(truth_visible[frame]), np.flatnonzero(track_visible[frame])
        similarity = ious[frame][np.ix_(truths, tracks)]
        rows, columns = linear_sum_assignment(alignment[np.ix_(truths, tracks)] * similarity, maximize=True)
        values = similarity[rows, columns]
        together[:, truths[rows], tracks[columns]] += values >= ALPHAS[:, None] - np.finfo(float).eps
        covers = values >= IDENTITY_IOU
        found = zip(truths[rows[covers]].tolist(), tracks[columns[covers]].tolist(), strict=True)
        for truth, track in found:
            if covering.get(truth, track) != track:
                switches.append((frame, truth))
            covering[truth] = track
    accuracy = together / np.maximum(1, lengths - together)
    identity = (ious >= IDENTITY_IOU).sum(axis=0)
    return IdentityCounts(
        matched=together.sum(axis=(1, 2)),
        association=(together * accuracy).sum(axis=(1, 2)),
        truth_masks=int(truth_lengths.sum()),
        track_masks=int(track_lengths.sum()),
        identity_matched=int(identity[linear_sum_assignment(identity, maximize=True)].sum()),
        switches=switches,
    )


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


def follow_identities(overlaps: Mapping[VideoId, VideoOverlaps], class_agnostic: bool) -> dict[str, Any]:
    """Identity figures over all videos; a track can only cover truths of its class unless ``class_agnostic``.

    Crowds are left out.

    Returns:
        HOTA, DetA, AssA and IDF1; ``identity_switches``: ``video_id``, ``frame_index``, ``annotation_id`` and
        ``class_id`` of each change of the track that covers an object at an IoU of 0.5 or more.
    """
    groups = []
    switches = []
    for video_id, video in overlaps.items():
        truth_classes = np.array([track.class_id for track in video.truths], dtype=np.int64)
        crowd = np.array([track.crowd for track in video.truths], dtype=bool)
        track_classes = video.class_ids[video.followed]
        if class_agnostic:
            truth_classes, track_classes = np.zeros_like(truth_classes), np.zeros_like(track_classes)
        for class_id in np.union1d(truth_classes, track_classes):
            columns = np.flatnonzero((truth_classes == class_id) & ~crowd)
            rows = np.flatnonzero(track_classes == class_id)
            frames = len(video.visible)
            seen = [video.truths[column].tube.areas_by_frame(frames) > 0 for column in columns.tolist()]
            visible = np.stack(seen, axis=1) if seen else np.zeros((frames, 0), dtype=bool)
            counts = count_identities(
                video.frame_ious[:, columns][:, :, rows], visible, video.visible[:, rows]
            )
            groups.append(counts)
            for frame, index in counts.switches:
                truth = video.truths[int(columns[index])]
                switches.append(
                    {
                        "video_id": video_id,
                        "frame_index": frame,
                        "annotation_id": truth.annotation_id,
                        "class_id": truth.class_id,
                    }
                )
    return identity_figures(groups) | {"identity_switches": switches}
