import numpy as np
import pytest

from uvis_core.evaluation.average_precision import RECALL_POINTS, accumulate
from uvis_core.evaluation.matching import IOU_THRESHOLDS, Matches
from uvis_core.evaluation.precision_recall import class_curves, curve_steps, mean_curves

LAST = len(IOU_THRESHOLDS)


def verdicts(found: list[bool], truths: int) -> Matches:
    """Predictions of falling score, right at every IoU or at none; one bin."""
    count = len(found)
    return Matches(
        scores=np.linspace(0.9, 0.1, count),
        found=np.broadcast_to(np.array(found, dtype=bool), (1, LAST, count)),
        ignored=np.zeros((1, LAST, count), dtype=bool),
        truths=np.array([truths]),
    )


def curve(found: list[bool], truths: int) -> np.ndarray:
    return accumulate([verdicts(found, truths)], 1, LAST, 100).precision[0]


def test_steps_by_hand() -> None:
    # Right, wrong, right of four truths: precision 1 up to recall 1/4, then 2/3 up to 2/4, then nothing.
    steps = curve_steps(curve([True, False, True], 4)[0])
    assert steps == {"recall": [0.25, 0.5, 1.0], "precision": [1.0, 0.6667, 0.0]}


@pytest.mark.parametrize(("found", "precision"), [([True, True], 1.0), ([False], 0.0), ([], 0.0)])
def test_a_level_curve_is_one_step(found: list[bool], precision: float) -> None:
    assert curve_steps(curve(found, 2)[0]) == {"recall": [1.0], "precision": [precision]}


def test_steps_hold_the_whole_curve() -> None:
    precision = curve([True, False, True, True, False, False, True], 7)[0]
    steps = curve_steps(precision)
    level = np.searchsorted(steps["recall"], np.round(RECALL_POINTS, 2))
    assert np.array(steps["precision"])[level] == pytest.approx(precision, abs=5e-5)


def test_classes_without_truth_have_no_curve() -> None:
    precision = np.stack([curve([True], 1), np.full((LAST, 101), -1.0), curve([False], 1)])
    rows = class_curves(precision, {4: "star", 5: "ring", 6: "cross"})
    assert [(row["class_id"], row["name"]) for row in rows] == [(4, "star"), (6, "cross")]
    assert rows[0]["iou50"] == rows[0]["iou75"] == {"recall": [1.0], "precision": [1.0]}


def test_each_threshold_has_its_own_curve() -> None:
    precision = np.zeros((1, LAST, 101))
    precision[0, :5] = 1.0
    (row,) = class_curves(precision, {1: "star"})
    assert (row["iou50"]["precision"], row["iou75"]["precision"]) == ([1.0], [0.0])


def test_the_mean_is_over_classes_with_truth() -> None:
    precision = np.stack([curve([True], 1), np.full((LAST, 101), -1.0), curve([False], 1)])
    curves = mean_curves(precision)
    assert curves["precision_iou50"] == curves["precision_mean"] == pytest.approx([0.5] * 101)
    assert mean_curves(precision[1:2])["precision_iou75"] == []
