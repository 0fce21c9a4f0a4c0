import math
from dataclasses import replace

import pytest
from uvis_core.report.figures import (
    by_ap,
    class_figures,
    experiments,
    further_figures,
    headline,
    percent,
)

from tests.report.made_up import FIGURES, NAMES


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
