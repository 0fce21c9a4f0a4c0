import pytest

from tests.report.made_up import QUALITY
from uvis_core.report.counts import VerdictCounts
from uvis_core.report.sections.scores import (
    has_own_thresholds,
    label_figures,
    score_histograms,
    threshold_charts,
    thresholds,
)


def test_each_score_has_its_threshold_and_missing_similarities_a_note():
    labels = VerdictCounts(without_prototype=5)
    labels.histograms["class_score"][1, 3] = 2
    charts = score_histograms(labels, {"objectness": 0.7, "similarity": 0.0})
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
    charts = threshold_charts(QUALITY)
    assert [chart.title for chart in charts] == ["Objectness", "Class score", "Similarity"]
    marks = [chart.threshold.label if chart.threshold else None for chart in charts]
    assert marks == ["0.5", "0.7", None]
    assert charts[0].threshold is not None
    # The axis runs from 36 to 302 pixels.
    assert charts[0].threshold.position == 169
    assert threshold_charts({}) == []


def test_shares_of_nothing_are_not_drawn() -> None:
    lines = {line.name: line.points for line in threshold_charts(QUALITY)[0].lines}
    # Precision is undefined at the last of the three thresholds, where recall is 0.
    assert len(lines["precision"].split()) == 2
    assert lines["recall"].split()[-1] == "302,164"
