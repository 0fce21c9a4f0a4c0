from tests.report.made_up import QUALITY
from uvis_core.report.quality import class_f1, label_figures, threshold_charts


def test_figures_are_percent() -> None:
    assert label_figures(QUALITY) == {"mean F1": 62.5, "precision": 75.0, "recall": 50.0}
    assert class_f1(QUALITY) == {1: 62.5, 2: None}
    assert label_figures({}) == class_f1({}) == {}


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
