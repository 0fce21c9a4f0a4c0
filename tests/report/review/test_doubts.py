from typing import Any

import numpy as np
import pytest

from tests.report.review.made_labels import kept_labels
from uvis_core.report.review.chains import chain_labels
from uvis_core.report.review.doubts import CRITERIA, LEAST_OF_CLASS, find_doubts, most_doubtful

# Similarities of 0.8 with a little spread, so that unusual means something.
USUAL: list[dict[str, Any]] = [
    {
        "video": 100 + number,
        "similarity": 0.8 + 0.01 * (number % 5 - 2),
        "area_share": 0.1 + 0.01 * (number % 5),
    }
    for number in range(LEAST_OF_CLASS)
]


def doubted(*rows: dict[str, Any]) -> tuple[Any, Any, Any]:
    labels = kept_labels(*rows)
    chains = chain_labels(labels)
    return labels, chains, find_doubts(labels, chains)


def points(doubts: Any, criterion: str, row: int) -> float:
    return float(doubts.points[CRITERIA.index(criterion), row])


def test_a_label_that_its_neighbours_contradict_gets_their_share() -> None:
    rows = [{"frame": frame, "class_id": 2 if frame == 1 else 1} for frame in range(4)]
    _, _, doubts = doubted(*rows)
    assert [points(doubts, "neighbours", row) for row in range(4)] == [0, 1, 0, 0]


def test_two_neighbours_are_too_few_to_contradict() -> None:
    _, _, doubts = doubted({"frame": 0}, {"frame": 1, "class_id": 2, "class_score": 0.1})
    assert doubts.total.tolist() == [0, 0]


def test_a_second_class_gets_twice_its_share() -> None:
    _, _, doubts = doubted({"rival": 2, "rival_share": 0.4})
    assert points(doubts, "second class", 0) == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("similarity", "least", "most"), [(0.8, 0, 0), (0.83, 0, 0), (0.755, 0.1, 0.9), (0.2, 1, 1)]
)
def test_only_low_similarities_are_doubtful(similarity: float, least: float, most: float) -> None:
    _, _, doubts = doubted(*USUAL, {"similarity": similarity})
    assert least <= points(doubts, "similarity", len(USUAL)) <= most
    assert doubts.similarity_median[0] == pytest.approx(0.8)


@pytest.mark.parametrize(("area", "found"), [(0.12, 0), (0.9, 1), (0.005, 1)])
def test_small_and_large_sizes_are_doubtful(area: float, found: float) -> None:
    _, _, doubts = doubted(*USUAL, {"area_share": area})
    assert points(doubts, "size", len(USUAL)) == found


def test_few_labels_do_not_tell_what_is_usual() -> None:
    _, _, doubts = doubted(*USUAL[: LEAST_OF_CLASS - 2], {"similarity": 0.1, "area_share": 0.9})
    assert doubts.total.max() == 0
    assert np.isnan(doubts.similarity_median).all()


def test_a_class_without_prototype_has_no_usual_similarity() -> None:
    _, _, doubts = doubted(*({**row, "similarity": -1.0} for row in USUAL))
    assert points(doubts, "similarity", 0) == 0


def test_the_most_doubtful_come_first_and_one_video_does_not_fill_the_list() -> None:
    rows = [
        {"video": 0, "box": (50 * n, 0, 50 * n + 10, 10), "rival_share": 0.4 - 0.01 * n} for n in range(5)
    ]
    labels, chains, doubts = doubted(*rows, {"video": 1, "rival_share": 0.1}, {"video": 2})
    assert most_doubtful(labels, chains, doubts, 9).tolist() == [0, 1, 2, 5]
    assert most_doubtful(labels, chains, doubts, 2).tolist() == [0, 1]


def test_one_object_is_listed_once() -> None:
    labels, chains, doubts = doubted({"frame": 0, "rival_share": 0.2}, {"frame": 1, "rival_share": 0.3})
    assert most_doubtful(labels, chains, doubts, 9).tolist() == [1]
