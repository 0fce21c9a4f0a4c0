import pytest
from uvis_core.report.precision_recall import class_charts, corners, mean_chart

from tests.report.made_up import FIGURES, NAMES


def test_the_mean_has_a_curve_per_threshold() -> None:
    chart = mean_chart(FIGURES)
    assert chart is not None
    assert [line.name for line in chart.lines] == ["IoU 0.50", "0.75", "0.50 to 0.95"]
    empty = {"recall": [0.0, 1.0], "precision_iou50": [], "precision_iou75": [], "precision_mean": []}
    assert mean_chart({"precision_recall": empty}) is None
    assert mean_chart({}) is None


@pytest.mark.parametrize(
    ("ends", "levels", "expected"),
    [
        ([1.0], [0.5], [(0, 0.5), (1, 0.5)]),
        ([0.25, 1.0], [1.0, 0.0], [(0, 1), (0.25, 1), (0.25, 0), (1, 0)]),
    ],
)
def test_levels_become_corners(
    ends: list[float], levels: list[float], expected: list[tuple[float, float]]
) -> None:
    assert list(zip(*corners(ends, levels), strict=True)) == expected


def test_every_class_with_truth_has_a_chart() -> None:
    (star,) = class_charts(FIGURES, NAMES)
    assert (star.chart.title, star.truths) == ("star", 2)
    # Recall 0.5 is in the middle of the axis from 36 to 302 pixels, precision 1 at the top, 0 at the bottom.
    assert star.chart.lines[0].points == "36,16 169,16 169,164 302,164"
    assert [line.name for line in star.chart.lines] == ["IoU 0.50", "0.75"]


def test_names_of_the_vocabulary_come_first() -> None:
    assert class_charts(FIGURES, {1: "Stern"})[0].chart.title == "Stern"
    assert class_charts(FIGURES, {})[0].chart.title == "star"
    assert class_charts({}, NAMES) == []
