import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uvis_core.evaluation.ytvis.curves import (
    RECALL_POINTS,
    class_curves,
    curve_steps,
    highest_recalls,
    mean_curves,
    mean_where_defined,
    precision_curves,
)
from uvis_core.evaluation.ytvis.matching import IOU_THRESHOLDS, VideoMatches


def video(scores, found, truths, ignored=None):
    found = np.array(found, dtype=bool)[None, None]
    ignored = np.zeros_like(found) if ignored is None else np.array(ignored, dtype=bool)[None, None]
    return VideoMatches(np.array(scores, dtype=np.float64), found, ignored, np.array([truths]))


def precision(videos):
    return precision_curves(videos, 1, 1)


def recall(videos, max_tracks=100):
    return highest_recalls(videos, 1, 1, max_tracks).item()


def test_precision_by_hand():
    # Ranked right, wrong, right over two truths: precision 1, 1/2, 2/3 at recalls 1/2, 1/2, 1.
    # The 51 recall points up to 0.5 see 1, the 50 beyond see 2/3.
    videos = [video([0.9, 0.8, 0.7], [True, False, True], 2)]
    assert precision(videos)[0, 0, :51] == pytest.approx(1.0)
    assert precision(videos)[0, 0, 51:] == pytest.approx(2 / 3)
    assert recall(videos) == 1.0


def test_ranks_across_videos():
    # The wrong track of the second video is the most confident of all: precision 0, 1/2, 1/3.
    videos = [video([0.8], [True], 1), video([0.9, 0.1], [False, False], 1)]
    assert precision(videos)[0, 0].sum() == pytest.approx(51 * 0.5)
    assert recall(videos) == 0.5


def test_ignored_tracks_are_neither_right_nor_wrong():
    plain = [video([0.9, 0.7], [True, False], 1)]
    ignored = [video([0.9, 0.8, 0.7], [True, True, False], 1, ignored=[False, True, False])]
    assert np.array_equal(precision(ignored), precision(plain))
    assert recall(ignored) == recall(plain)


def test_only_the_best_tracks_of_each_video_count():
    videos = [video([0.9, 0.8], [False, True], 1), video([0.5], [True], 1)]
    assert recall(videos, max_tracks=1) == 0.5
    assert recall(videos, max_tracks=2) == 1.0


def test_truth_without_predictions_scores_zero():
    videos = [video([], [], 3)]
    assert recall(videos) == 0.0
    assert not precision(videos).any()


def test_predictions_without_truth_are_undefined():
    for videos in ([video([0.9], [False], 0)], []):
        assert (precision(videos) == -1).all()
        assert recall(videos) == -1


@settings(deadline=None)
@given(
    videos=st.lists(
        st.tuples(
            st.integers(0, 4),
            st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.booleans()), max_size=6),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_equals_the_definition_point_by_point(videos):
    made, ranked, truths = [], [], 0
    for number, (unseen, tracks) in enumerate(videos):
        tracks = sorted(tracks, key=lambda track: -track[0])
        scores, found, ignored = (
            (list(column) for column in zip(*tracks, strict=True)) if tracks else ([], [], [])
        )
        own = unseen + sum(right and not out for right, out in zip(found, ignored, strict=True))
        made.append(video(scores, found, own, ignored))
        truths += own
        ranked += [(-score, number, right) for score, right, out in tracks if not out]
    verdicts = [right for *_, right in sorted(ranked, key=lambda one: one[:2])]
    right = np.cumsum([0, *verdicts])[1:]
    shares = right / (np.arange(1, len(right) + 1) + np.spacing(1))
    for place, point in enumerate(RECALL_POINTS):
        reached = shares[right / max(1, truths) >= point]
        assert precision(made)[0, 0, place] == (max(reached, default=0.0) if truths else -1.0)


def test_mean_leaves_the_undefined_out():
    assert mean_where_defined(np.array([0.0, 1.0, -1.0])) == 0.5
    assert mean_where_defined(np.array([-1.0])) == -1.0


LAST = len(IOU_THRESHOLDS)


def verdicts(found: list[bool], truths: int) -> VideoMatches:
    """Predictions of falling score, right at every IoU or at none; one bin."""
    count = len(found)
    return VideoMatches(
        scores=np.linspace(0.9, 0.1, count),
        found=np.broadcast_to(np.array(found, dtype=bool), (1, LAST, count)),
        ignored=np.zeros((1, LAST, count), dtype=bool),
        truths=np.array([truths]),
    )


def precision_curve(found: list[bool], truths: int) -> np.ndarray:
    return precision_curves([verdicts(found, truths)], 1, LAST)[0]


def test_steps_by_hand() -> None:
    # Right, wrong, right of four truths: precision 1 up to recall 1/4, then 2/3 up to 2/4, then nothing.
    steps = curve_steps(precision_curve([True, False, True], 4)[0])
    assert steps == {"recall": [0.25, 0.5, 1.0], "precision": [1.0, 0.6667, 0.0]}


@pytest.mark.parametrize(("found", "precision"), [([True, True], 1.0), ([False], 0.0), ([], 0.0)])
def test_a_level_curve_is_one_step(found: list[bool], precision: float) -> None:
    assert curve_steps(precision_curve(found, 2)[0]) == {"recall": [1.0], "precision": [precision]}


def test_steps_hold_the_whole_curve() -> None:
    precision = precision_curve([True, False, True, True, False, False, True], 7)[0]
    steps = curve_steps(precision)
    level = np.searchsorted(steps["recall"], np.round(RECALL_POINTS, 2))
    assert np.array(steps["precision"])[level] == pytest.approx(precision, abs=5e-5)


def test_classes_without_truth_have_no_curve() -> None:
    precision = np.stack(
        [precision_curve([True], 1), np.full((LAST, 101), -1.0), precision_curve([False], 1)]
    )
    rows = class_curves(precision, {4: "star", 5: "ring", 6: "cross"})
    assert [(row["class_id"], row["name"]) for row in rows] == [(4, "star"), (6, "cross")]
    assert rows[0]["iou50"] == rows[0]["iou75"] == {"recall": [1.0], "precision": [1.0]}


def test_each_threshold_has_its_own_curve() -> None:
    precision = np.zeros((1, LAST, 101))
    precision[0, :5] = 1.0
    (row,) = class_curves(precision, {1: "star"})
    assert (row["iou50"]["precision"], row["iou75"]["precision"]) == ([1.0], [0.0])


def test_the_mean_is_over_classes_with_truth() -> None:
    precision = np.stack(
        [precision_curve([True], 1), np.full((LAST, 101), -1.0), precision_curve([False], 1)]
    )
    curves = mean_curves(precision)
    assert curves["precision_iou50"] == curves["precision_mean"] == pytest.approx([0.5] * 101)
    assert mean_curves(precision[1:2])["precision_iou75"] == []
