"""Figures of a protocol from the overlaps of all videos."""

from collections.abc import Sequence

import numpy as np

from uvis_core.evaluation.ytvis.curves import highest_recalls, mean_where_defined, precision_curves
from uvis_core.evaluation.ytvis.matching import IOU_THRESHOLDS, VideoMatches, match_group, threshold_index
from uvis_core.evaluation.ytvis.overlaps import VideoOverlaps
from uvis_core.evaluation.ytvis.protocols import MAX_TRACKS, Protocol


def protocol_figures(
    protocol: Protocol, precision: np.ndarray, recalls: dict[int, np.ndarray]
) -> dict[str, float]:
    """The protocol's figures in its order.

    Args:
        protocol: Names and definitions.
        precision: float64 of shape (K, B, T, 101) for K groups; -1 where a group has no truth in a bin.
        recalls: By number of tracks per video, float64 of shape (K, B, T), -1 likewise.
    """
    figures = {}
    for figure in protocol.figures:
        source = precision if figure.kind == "precision" else recalls[figure.max_tracks]
        values = source[:, figure.bin_index]
        if figure.iou is not None:
            values = values[:, threshold_index(figure.iou)]
        figures[figure.name] = mean_where_defined(values)
    return figures


def group_curves(
    videos: Sequence[VideoOverlaps], classes: Sequence[int | None], protocol: Protocol
) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    """Match all videos, group by group.

    Args:
        videos: Overlaps of every video.
        classes: K groups, each a class, or None for all objects whatever their class.
        protocol: Bins.

    Returns:
        Precision, float64 of shape (K, B, T, 101), and by number of tracks per video the recall, float64 of
        shape (K, B, T); -1 where a group has no truth in a bin.
    """
    matches: dict[int | None, list[VideoMatches]] = {class_id: [] for class_id in classes}
    for video in videos:
        outside = np.stack([part.excludes_predictions(video.mean_areas_px) for part in protocol.bins])
        ignored = np.stack([part.excludes_truths(video.truths) for part in protocol.bins])
        present = {*video.class_ids.tolist(), *(track.class_id for track in video.truths)}
        for class_id, found in matches.items():
            if class_id in present or (class_id is None and present):
                found.append(_match_video(video, class_id, outside, ignored))
    shape = len(protocol.bins), len(IOU_THRESHOLDS)
    precision = np.stack([precision_curves(found, *shape) for found in matches.values()])
    recalls = {
        most: np.stack([highest_recalls(found, *shape, most) for found in matches.values()])
        for most in MAX_TRACKS
    }
    return precision, recalls


def _match_video(
    video: VideoOverlaps, class_id: int | None, outside: np.ndarray, ignored: np.ndarray
) -> VideoMatches:
    """Match one group in one video, which has a truth or a prediction of it.

    Args:
        video: Its D predictions and G truths.
        class_id: The group, None for all objects.
        outside: Whether each prediction lies outside each bin, bool of shape (B, D).
        ignored: Whether each truth does not count in each bin, bool of shape (B, G).
    """
    if class_id is None:
        # Equal scores stand in the order of the classes, then of the file, as in the official tools.
        chosen = np.argsort(video.class_ids, kind="stable")
        columns = list(range(len(video.truths)))
    else:
        chosen = np.flatnonzero(video.class_ids == class_id)
        columns = [index for index, track in enumerate(video.truths) if track.class_id == class_id]
    order = chosen[np.argsort(-video.scores[chosen], kind="stable")][: MAX_TRACKS[-1]]
    return match_group(
        ious=video.ious[order][:, columns],
        scores=video.scores[order],
        outside=outside[:, order],
        crowd=np.array([video.truths[index].crowd for index in columns], dtype=bool),
        truth_ignored=ignored[:, columns],
    )
