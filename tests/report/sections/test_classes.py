from dataclasses import replace

import pytest

from tests.report.made_up import FIGURES, NAMES, QUALITY
from uvis_core.report.sections.classes import (
    by_ap,
    class_charts,
    class_f1,
    class_figures,
    corners,
    facts,
    known_columns,
)


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


def test_classes_join_labels_and_figures():
    star, ring = class_figures(NAMES, {1: 30}, {1: 4, 2: 5}, FIGURES, {1: 62.5})
    assert (star.name, star.labels, star.truths, star.predictions, star.ap) == (
        "star",
        30,
        2,
        2,
        pytest.approx(86.42),
    )
    assert (ring.labels, ring.truths, ring.ap) == (0, 0, None)
    assert (star.label_f1, ring.label_f1) == (62.5, None)


def test_classes_without_evaluation_show_labels_and_tracks():
    star, ring = class_figures(NAMES, {1: 30}, {2: 5}, {}, {})
    assert (star.labels, star.truths, star.predictions, star.ap) == (30, None, 0, None)
    assert ring.predictions == 5


def test_classes_that_only_the_truth_knows_come_last():
    rows = class_figures({1: "star"}, {}, {}, FIGURES, {})
    assert [row.name for row in rows] == ["star", "ring"]


def test_classes_are_ranked_where_they_have_a_figure():
    rows = class_figures({1: "star", 2: "ring", 3: "cross"}, {}, {}, FIGURES, {})
    assert [row.name for row in by_ap(rows)] == ["star"]
    ranked = by_ap([replace(rows[1], ap=20.0), replace(rows[2], ap=90.0), replace(rows[0], ap=20.0)])
    assert [row.name for row in ranked] == ["cross", "ring", "star"]


def test_f1_of_the_labels_is_percent() -> None:
    assert class_f1(QUALITY) == {1: 62.5, 2: None}
    assert class_f1({}) == {}


def test_a_single_class_has_no_section_of_its_own() -> None:
    found = facts({1: "object"}, {1: 30}, {1: 4}, {}, {})
    assert not any(found.values())
    assert facts(NAMES, {1: 30}, {1: 4}, {}, {})["classes"]


def test_columns_without_any_number_are_not_shown() -> None:
    without = known_columns(class_figures(NAMES, {1: 30}, {1: 4}, {}, {}))
    assert {"ap", "truths", "label_f1"} & without == set()
    assert {"labels", "predictions"} <= without
    assert {"ap", "truths", "label_f1"} <= known_columns(
        class_figures(NAMES, {1: 30}, {}, FIGURES, {1: 62.5})
    )
