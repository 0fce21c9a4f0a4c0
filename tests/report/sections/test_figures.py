import math

import pytest

from tests.report.made_up import FIGURES, NAMES
from uvis_core.report.sections.figures import (
    MOST_CLASSES,
    confusion_rows,
    experiments,
    facts,
    fits_page,
    further_figures,
    headline,
    mean_chart,
    most_frequent,
    percent,
)

COUNTS = {"confusion": {"class_ids": [1, 2], "matrix": [[3, 1], [4, 0]], "missed": [4, 1]}}


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


def test_the_protocol_says_what_comes_first():
    assert headline(FIGURES)[0] == "AP"
    davis = {"protocol": "davis", "J&F": 0.5, "J": 0.25, "F": 0.75, "J_recall": -1.0, "F_recall": 1.0}
    (found,) = experiments({"a": davis})
    assert found.figures == {"J&F": 50, "J": 25, "F": 75, "J_recall": None, "F_recall": 100}


def test_davis_figures_stand_beside_average_precision_where_both_were_taken():
    both = {**FIGURES, "protocol": "ytvis", "J&F": 0.5, "J": 0.25, "F": 0.75}
    assert headline(both) == (*headline(FIGURES), "J&F", "J", "F")
    (found,) = experiments({"a": both})
    assert found.figures["J&F"] == 50


def test_further_figures_are_those_that_are_defined():
    assert further_figures(FIGURES) == {"APs": 25}


def test_the_mean_has_a_curve_per_threshold() -> None:
    chart = mean_chart(FIGURES)
    assert chart is not None
    assert [line.name for line in chart.lines] == ["IoU 0.50", "0.75", "0.50 to 0.95"]
    empty = {"recall": [0.0, 1.0], "precision_iou50": [], "precision_iou75": [], "precision_mean": []}
    assert mean_chart({"precision_recall": empty}) is None
    assert mean_chart({}) is None


def test_rows_by_hand() -> None:
    star, ring = confusion_rows(COUNTS, NAMES)
    assert [(cell.objects, cell.share, cell.kind) for cell in star.cells] == [
        (3, 37.5, "right"),
        (1, 12.5, "wrong"),
        (4, 50.0, "missed"),
    ]
    assert (star.name, star.objects, ring.objects) == ("star", 8, 5)
    assert [cell.kind for cell in ring.cells] == ["wrong", "right", "missed"]
    assert ring.cells[0].text == "ring taken for star: 4"


def test_a_class_without_objects_has_no_shares() -> None:
    counts = {"class_ids": [1, 9], "matrix": [[0, 0], [0, 1]], "missed": [0, 0]}
    star, other = confusion_rows({"confusion": counts}, NAMES)
    assert {cell.share for cell in star.cells} == {0.0}
    assert other.name == "class 9"


def test_confusions_are_sorted_and_never_on_the_diagonal() -> None:
    found = most_frequent(confusion_rows(COUNTS, NAMES))
    assert [(row.truth, row.taken_for, row.objects, row.share) for row in found] == [
        ("ring", "star", 4, 80),
        ("star", "ring", 1, 12.5),
    ]
    assert most_frequent(confusion_rows({}, NAMES)) == []


def test_large_matrices_do_not_fit() -> None:
    rows = confusion_rows(COUNTS, NAMES)
    assert fits_page(rows)
    assert not fits_page([])
    assert not fits_page(rows[:1] * (MOST_CLASSES + 1))
    # One class can only be right or missed, which the figures say.
    assert not fits_page(rows[:1])


def test_a_matrix_that_does_not_fit_leaves_the_list() -> None:
    assert len(facts({"uvis": COUNTS}, NAMES)["confusion_rows"]) == 2
    many = range(1, MOST_CLASSES + 2)
    matrix = [[int(row != column) for column in many] for row in many]
    counts = {"class_ids": list(many), "matrix": matrix, "missed": [0 for _ in many]}
    shown = facts({"uvis": {"confusion": counts}}, NAMES)
    assert shown["confusion_rows"] == []
    assert shown["confusions"][0].truth == "star"
