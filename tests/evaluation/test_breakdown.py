import numpy as np

from uvis_core.evaluation.breakdown import class_confusion, match_best_tracks, video_rows
from uvis_core.evaluation.ytvis.overlaps import VideoOverlaps
from uvis_core.io.annotations.model import TrueObject
from uvis_core.io.schemas.truth import UNKNOWN_OCCLUSION


def overlaps(truths, tracks, ious):
    """Truths as (class, crowd), tracks as (class, score)."""
    return VideoOverlaps(
        truths=[TrueObject(1, class_id, crowd, 0.0, UNKNOWN_OCCLUSION) for class_id, crowd in truths],
        class_ids=np.array([class_id for class_id, _ in tracks], dtype=np.int64),
        scores=np.array([score for _, score in tracks], dtype=np.float64),
        mean_areas_px=np.zeros(len(tracks)),
        ious=np.array(ious, dtype=np.float64).reshape(len(tracks), len(truths)),
        identities=[],
    )


def test_the_most_confident_track_is_matched_whatever_its_class():
    video = overlaps([(1, False)], [(1, 0.2), (2, 0.9)], [[0.9], [0.6]])
    assert match_best_tracks(video) == {0: 1}


def test_confusion_by_hand():
    videos = [
        overlaps([(1, False), (2, False)], [(2, 0.9), (2, 0.8)], [[0.7, 0.0], [0.0, 0.8]]),
        overlaps([(1, False), (2, True)], [(1, 0.9)], [[0.0, 0.9]]),
        overlaps([], [(1, 0.9)], []),
    ]
    assert class_confusion(videos, [1, 2]) == {
        "class_ids": [1, 2],
        "matrix": [[0, 1], [0, 1]],
        "missed": [1, 0],
    }


def test_rows_of_videos_by_hand():
    videos = {
        "a": overlaps([(1, False), (2, False)], [(1, 0.9), (1, 0.1)], [[0.0, 0.9], [0.6, 0.0]]),
        "b": overlaps([(1, True)], [], []),
        "c": overlaps([(1, False)], [], []),
    }
    aware = video_rows(videos, class_agnostic=False)
    assert [row["mean_iou"] for row in aware] == [0.3, -1.0, 0.0]
    assert [row["truths"] for row in aware] == [2, 0, 1]
    assert [row["predictions"] for row in aware] == [2, 0, 0]
    assert video_rows(videos, class_agnostic=True)[0]["mean_iou"] == 0.75


def test_only_the_ten_best_tracks_count():
    tracks = [(1, 1.0)] * 10 + [(1, 0.5)]
    video = overlaps([(1, False)], tracks, [[0.1]] * 10 + [[1.0]])
    assert match_best_tracks(video) == {}
    assert video_rows({1: video}, class_agnostic=False)[0]["mean_iou"] == 0.1
