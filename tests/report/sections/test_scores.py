import pytest

from tests.report.made_up import QUALITY, SWEEP
from uvis_core.report.counts import SCORES, VerdictCounts
from uvis_core.report.overrides import LabelsVariant
from uvis_core.report.sections.scores import (
    best_threshold,
    has_own_thresholds,
    label_figures,
    score_histograms,
    telling,
    threshold_charts,
    thresholds,
)


def test_each_score_has_its_threshold_and_missing_similarities_a_note():
    labels = VerdictCounts(without_prototype=5)
    labels.histograms["class_score"][1, 3] = 2
    charts = score_histograms(labels, {"objectness": 0.7, "similarity": 0.0}, SCORES)
    assert [chart.threshold.label if chart.threshold else None for chart in charts] == ["0.7", None, "0"]
    assert [len(chart.bars) for chart in charts] == [0, 1, 0]
    assert [chart.note for chart in charts] == ["", "", "Not drawn: 5 masks of classes without a prototype."]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [({"objectness": 0.7, "similarity": None, "min_area_share": 0.1}, {"objectness": 0.7}), ({}, {})],
)
def test_thresholds_are_those_that_were_applied(settings, expected):
    assert thresholds(settings) == expected


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        ({"star": {"objectness": None, "similarity": 0.0}}, True),
        ({"star": {"objectness": None, "similarity": None}}, False),
        ({}, False),
    ],
)
def test_classes_may_have_thresholds_of_their_own(classes, expected):
    assert has_own_thresholds({"objectness": 0.7, "classes": classes}) is expected
    assert not has_own_thresholds({"objectness": 0.7})


def test_figures_are_percent() -> None:
    assert label_figures(QUALITY) == {"mean F1": 62.5, "precision": 75.0, "recall": 50.0}
    assert label_figures({}) == {}


def test_charts_mark_what_is_configured() -> None:
    charts = [swept.chart for swept in threshold_charts(QUALITY, SCORES, None)]
    assert [chart.title for chart in charts] == ["Objectness", "Class score", "Similarity"]
    marks = [chart.threshold.label if chart.threshold else None for chart in charts]
    assert marks == ["0.5", "0.7", None]
    assert charts[0].threshold is not None
    # The axis runs from 36 to 302 pixels.
    assert charts[0].threshold.position == 169
    assert threshold_charts({}, SCORES, None) == []


def test_shares_of_nothing_are_not_drawn() -> None:
    lines = {line.name: line.points for line in threshold_charts(QUALITY, SCORES, None)[0].chart.lines}
    # Precision is undefined at the last of the three thresholds, where recall is 0.
    assert len(lines["precision"].split()) == 2
    assert lines["recall"].split()[-1] == "302,164"


def test_a_single_class_has_no_class_score_to_show() -> None:
    labels = VerdictCounts()
    labels.histograms["class_score"][1, 99] = 7
    assert telling(labels, classes=1) == ["objectness", "similarity"]
    assert telling(labels, classes=2) == list(SCORES)
    # Read as a cosine, the score of a single class differs from crop to crop.
    labels.histograms["class_score"][1, 30] = 7
    assert telling(labels, classes=1) == list(SCORES)


@pytest.mark.parametrize(
    ("f1", "configured", "floor", "best"),
    [
        ([0.1, 0.6, 0.2, 0.3, 0.0], 0.75, 0.0, (0.25, 0.6)),
        # Of equal ones the one next to what is configured; without a threshold, the lowest.
        ([0.5, 0.5, 0.5, 0.5, 0.0], 0.75, 0.0, (0.75, 0.5)),
        ([0.5, 0.5, 0.5, 0.5, 0.0], None, 0.0, (0.0, 0.5)),
        # What is below the floor would be refused.
        ([0.9, 0.9, 0.2, 0.3, 0.0], 0.75, 0.3, (0.75, 0.3)),
    ],
)
def test_the_best_threshold(
    f1: list[float], configured: float | None, floor: float, best: tuple[float, float]
) -> None:
    sweep = {"thresholds": [0, 0.25, 0.5, 0.75, 1], "mF1": f1, "configured": configured}
    assert best_threshold(sweep, floor) == best


def test_a_better_threshold_comes_with_the_line_to_try_it() -> None:
    variant = LabelsVariant("full", 0.1)
    better = {**QUALITY, "mF1": 0.55}
    first = threshold_charts(better, SCORES, variant)[0]
    assert (first.best, first.best_f1, first.is_configured) == (0.5, 60, False)
    assert first.line == "--config 'labels={variants: {full: {objectness: 0.5}}}'"
    assert first.chart.best is not None
    assert first.chart.best.label == "0.5"
    assert threshold_charts(better, SCORES, None)[0].line == ""
    # 62.5 as configured is more than any of the curve.
    as_it_is = threshold_charts(QUALITY, SCORES, variant)[0]
    assert (as_it_is.is_configured, as_it_is.line) == (True, "")


def test_figures_of_nothing_have_no_best_one() -> None:
    undefined = {**SWEEP, "mF1": [-1.0, -1.0, -1.0], "configured": 0.5}
    (chart,) = threshold_charts({"mF1": -1.0, "sweeps": {"objectness": undefined}}, SCORES, None)
    assert chart.chart.best is None
