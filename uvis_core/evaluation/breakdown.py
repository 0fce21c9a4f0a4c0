"""Where the errors are: classes taken for another, and every video by itself."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from uvis_core.evaluation.ytvis.overlaps import VideoOverlaps
from uvis_core.io.annotations.model import VideoId

BEST_TRACKS = 10
MATCH_IOU = 0.5


def match_best_tracks(video: VideoOverlaps) -> dict[int, int]:
    """Give each object the most confident track that covers it, whatever the classes.

    The ten best tracks choose in the order of their scores; each takes the free object with the highest IoU
    of at least 0.5. Crowds are left out.

    Returns:
        Index of the track by index of the object.
    """
    free = np.array([not track.crowd for track in video.truths], dtype=bool)
    matched: dict[int, int] = {}
    for track in np.argsort(-video.scores, kind="stable")[:BEST_TRACKS]:
        ious = np.where(free, video.ious[track], -1.0)
        if ious.size and ious.max() >= MATCH_IOU:
            matched[int(ious.argmax())] = int(track)
            free[ious.argmax()] = False
    return matched


def class_confusion(videos: Sequence[VideoOverlaps], class_ids: Sequence[int]) -> dict[str, Any]:
    """Count true against predicted classes among matched tracks.

    Returns:
        ``class_ids``; ``matrix``, rows true and columns predicted, in that order; ``missed``, objects of each
        class that no track covers.
    """
    index = {class_id: position for position, class_id in enumerate(class_ids)}
    matrix = np.zeros((len(index), len(index)), dtype=np.int64)
    missed = np.zeros(len(index), dtype=np.int64)
    for video in videos:
        matched = match_best_tracks(video)
        for position, track in enumerate(video.truths):
            if position in matched:
                matrix[index[track.class_id], index[video.class_ids[matched[position]]]] += 1
            elif not track.crowd:
                missed[index[track.class_id]] += 1
    return {"class_ids": list(class_ids), "matrix": matrix.tolist(), "missed": missed.tolist()}


def video_rows(overlaps: Mapping[VideoId, VideoOverlaps], class_agnostic: bool) -> list[dict[str, Any]]:
    """How well each video's objects are covered, in the order of the videos.

    Returns:
        Per video ``video_id``, ``truths``, ``predictions`` and ``mean_iou``: the mean over its objects,
        crowds left out, of the highest IoU among the ten best tracks of the same class (of any class if
        ``class_agnostic``), where an IoU below 0.5 counts as 0; -1 without objects.
    """
    rows = []
    for video_id, video in overlaps.items():
        best = np.argsort(-video.scores, kind="stable")[:BEST_TRACKS]
        covered = []
        for position, track in enumerate(video.truths):
            if not track.crowd:
                allowed = best if class_agnostic else best[video.class_ids[best] == track.class_id]
                covered.append(video.ious[allowed, position].max(initial=0.0))
        rows.append(
            {
                "video_id": video_id,
                "truths": len(covered),
                "predictions": len(video.scores),
                "mean_iou": float(np.mean(covered)) if covered else -1.0,
            }
        )
    return rows
