import math

import pytest

from tests.report.made_up import FIGURES, NAMES
from uvis_core.report.figures import (
    class_figures,
    confusions,
    experiments,
    further_figures,
    percent,
    precision_recall_chart,
    video_scores,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.5, 50),
        (0, 0),
        (1, 100),
        (-1, None),
        (-1.0, None),
        (None, None),
        (math.nan, None),
        (True, None),
        ("x", None),
    ],
)
def test_only_fractions_are_figures(value, expected):
    assert percent(value) == expected


def test_experiments_keep_their_order():
    found = experiments({"b": FIGURES, "a": {"AP": -1}})
    assert [experiment.name for experiment in found] == ["b", "a"]
    assert found[0].figures["AP"] == pytest.approx(43.21)
    assert set(found[1].figures.values()) == {None}


def test_further_figures_are_those_that_are_defined():
    assert further_figures(FIGURES) == {"APs": 25}


def test_classes_join_labels_and_figures():
    star, ring = class_figures(NAMES, {1: 30}, {1: 4, 2: 5}, FIGURES)
    assert (star.name, star.labels, star.truths, star.predictions, star.ap) == (
        "star",
        30,
        2,
        2,
        pytest.approx(86.42),
    )
    assert (ring.labels, ring.truths, ring.ap) == (0, 0, None)


def test_classes_without_evaluation_show_labels_and_tracks():
    star, ring = class_figures(NAMES, {1: 30}, {2: 5}, {})
    assert (star.labels, star.truths, star.predictions, star.ap) == (30, None, 0, None)
    assert ring.predictions == 5


def test_classes_that_only_the_truth_knows_come_last():
    rows = class_figures({1: "star"}, {}, {}, FIGURES)
    assert [row.name for row in rows] == ["star", "ring"]


def test_confusions_are_sorted_and_never_on_the_diagonal():
    counts = {"class_ids": [1, 2], "matrix": [[3, 1], [4, 0]], "missed": [4, 1]}
    found = confusions({"confusion": counts}, NAMES)
    assert [(row.truth, row.taken_for, row.objects, row.share) for row in found] == [
        ("ring", "star", 4, 80),
        ("star", "ring", 1, 12.5),
    ]
    assert confusions({}, NAMES) == []


def test_precision_recall_has_a_curve_per_threshold():
    chart = precision_recall_chart(FIGURES)
    assert [line.name for line in chart.lines] == ["IoU 0.50", "0.75", "0.50 to 0.95"]
    empty = {"recall": [0.0, 1.0], "precision_iou50": [], "precision_iou75": [], "precision_mean": []}
    assert precision_recall_chart({"precision_recall": empty}) is None
    assert precision_recall_chart({}) is None


def test_videos_have_a_mean_overlap():
    rows = [{"video_id": 1, "mean_iou": 0.875}, {"video_id": 2, "mean_iou": -1.0}]
    assert video_scores({"per_video": rows}) == {1: 87.5, 2: None}
