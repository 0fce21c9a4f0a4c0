from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.labels.made import crops, masks, similarities, typed
from uvis_core.config.labels import LabelsSettings
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.labels import CRITERIA
from uvis_core.labels.select import select_labels

OFF = LabelsSettings(objectness=None, class_score=None, similarity=None)
SCORES = st.lists(st.tuples(*[st.sampled_from([0.0, 0.3, 0.5, 0.7, 0.9, 1.0])] * 3), max_size=12)
THRESHOLD = st.none() | st.sampled_from([0.0, 0.3, 0.5, 0.7, 1.0])


def select(
    rows: list[tuple[float, float, float]],
    settings: LabelsSettings,
    overrides: dict[int, dict[str, float]] | None = None,
    class_ids: list[int] | None = None,
) -> dict[str, Any]:
    """Labels of crops with these objectness, class scores and similarities."""
    ids = list(range(100, 100 + len(rows)))
    classes = class_ids or [1] * len(rows)
    objectness, class_scores, values = ([row[place] for row in rows] for place in range(3))
    return select_labels(
        typed(masks(ids, [0] * len(rows), objectness)),
        typed(crops(ids, [0] * len(rows), classes, class_scores)),
        typed(similarities(ids, classes, values)),
        settings,
        overrides or {},
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((0.9, 0.9, 0.9), "kept"),
        ((0.7, 0.7, 0.7), "kept"),
        ((0.69, 0.1, 0.1), "objectness"),
        ((0.9, 0.69, 0.1), "class_score"),
        ((0.9, 0.9, 0.69), "similarity"),
        ((0.9, 0.9, -1.0), "similarity"),
    ],
)
def test_the_first_criterion_that_fails_is_the_reason(row: tuple[float, float, float], reason: str) -> None:
    found = select([row], LabelsSettings())
    assert found["reason"].tolist() == [reason]
    assert found["kept"].tolist() == [reason == "kept"]


@given(SCORES, THRESHOLD, THRESHOLD, THRESHOLD)
def test_kept_means_that_every_criterion_in_use_is_met(
    rows: list[tuple[float, float, float]],
    objectness: float | None,
    class_score: float | None,
    tau: float | None,
) -> None:
    found = select(rows, LabelsSettings(objectness=objectness, class_score=class_score, similarity=tau))
    thresholds = (objectness, class_score, tau)
    expected = [
        all(least is None or score >= least for score, least in zip(row, thresholds, strict=True))
        for row in rows
    ]
    assert found["kept"].tolist() == expected
    assert ((found["reason"] == "kept") == found["kept"]).all()
    assert set(found["reason"]) <= {"kept", *CRITERIA}
    for name, place in (("objectness", 0), ("class_score", 1), ("similarity", 2)):
        np.testing.assert_array_equal(found[name], np.array([row[place] for row in rows], dtype=np.float32))


def test_null_switches_a_criterion_off() -> None:
    assert select([(0.0, 0.0, -1.0)], OFF)["kept"].tolist() == [True]


def test_small_masks_are_removed_on_demand() -> None:
    """Mask number n covers 3 (n + 1) of 24 pixels."""
    settings = OFF.model_copy(update={"min_area_share": 0.25})
    found = select([(1.0, 1.0, 1.0)] * 3, settings)
    assert found["reason"].tolist() == ["area", "kept", "kept"]


def test_a_class_may_have_thresholds_of_its_own() -> None:
    rows = [(0.9, 0.5, 0.9)] * 2 + [(0.9, 0.9, 0.8)]
    found = select(rows, LabelsSettings(), {2: {"class_score": 0.4}, 3: {"similarity": 0.85}}, [1, 2, 3])
    assert found["reason"].tolist() == ["class_score", "kept", "similarity"]


def test_a_criterion_that_is_off_is_off_for_every_class() -> None:
    found = select([(0.9, 0.9, 0.1)], LabelsSettings(similarity=None), {1: {"similarity": 0.9}})
    assert found["kept"].tolist() == [True]


def test_rows_are_joined_by_id_in_any_order() -> None:
    found = select_labels(
        typed(masks([3, 9, 1, 2], [0, 0, 0, 0], [0.3, 0.0, 0.1, 0.2])),
        typed(crops([1, 2, 3], [0, 1, 2], [1, 1, 2], [0.9, 0.9, 0.9])),
        typed(similarities([2, 3, 1], [1, 2, 1], [0.02, 0.03, 0.01])),
        OFF,
        {},
    )
    assert found["mask_id"].tolist() == [1, 2, 3]
    np.testing.assert_allclose(found["objectness"], [0.1, 0.2, 0.3])
    np.testing.assert_allclose(found["similarity"], [0.01, 0.02, 0.03])


@pytest.mark.parametrize(
    ("masks_table", "similarities_table", "words"),
    [
        (
            masks([1], [0], [0.9]),
            similarities([1, 2], [1, 1], [0.9, 0.9]),
            "1 masks of the crops are not among the masks",
        ),
        (
            masks([1, 2], [0, 0], [0.9, 0.9]),
            similarities([1, 7], [1, 1], [0.9, 0.9]),
            "similarities, the first is 2",
        ),
        (masks([1, 2], [0, 0], [0.9, 0.9]), similarities([1, 2], [1, 4], [0.9, 0.9]), "1 of another class"),
        (masks([1, 2], [0, 0], [0.9, 0.9]), similarities([1, 2, 3], [1] * 3, [0.9] * 3), "2 and 3 rows"),
        (
            masks([1, 1], [0, 0], [0.9, 0.9]),
            similarities([1, 2], [1, 1], [0.9, 0.9]),
            "mask 1 more than once",
        ),
    ],
)
def test_tables_that_disagree_are_refused(
    masks_table: dict[str, Any], similarities_table: dict[str, Any], words: str
) -> None:
    table = typed(crops([1, 2], [0, 0], [1, 1], [0.9, 0.9]))
    with pytest.raises(UserError, match=words):
        select_labels(typed(masks_table), table, typed(similarities_table), LabelsSettings(), {})


def test_no_crops_give_no_labels() -> None:
    assert len(select([], LabelsSettings())["reason"]) == 0
    assert isinstance(select([], LabelsSettings())["video_id"], pa.ChunkedArray)
