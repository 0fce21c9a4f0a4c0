from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.explorer.made import CODED, NAMES, select, vocabulary
from uvis_core.config.labels import LabelsSettings
from uvis_core.explorer.rows import Rows
from uvis_core.explorer.run import RunFolder
from uvis_core.explorer.verdicts import KEPT_PLACE, VerdictCounts, lowest, nearest, verdicts_of
from uvis_core.io.class_thresholds import class_thresholds
from uvis_core.io.schemas.labels import CRITERIA, KEPT

OFF = LabelsSettings(objectness=None, class_score=None, similarity=None)
THRESHOLDS = [
    CODED,
    LabelsSettings(),
    OFF,
    LabelsSettings(objectness=None, class_score=0.35, similarity=0.15, min_area_share=0.02),
    LabelsSettings.model_validate(
        {
            "objectness": 0.3,
            "class_score": 0.3,
            "similarity": 0.3,
            "classes": {"star": {"similarity": 0.85}, NAMES[1]: {"objectness": 0.0, "class_score": 0.95}},
        }
    ),
    LabelsSettings.model_validate(
        {"objectness": 0.2, "class_score": None, "similarity": 0.9, "classes": {"star": {"class_score": 1.0}}}
    ),
]


def expected(run: RunFolder, thresholds: LabelsSettings) -> np.ndarray:
    """Labels by class and verdict as the labels stage writes them."""
    found: Counter[tuple[int, str]] = Counter()
    for columns in select(run, thresholds):
        found.update(zip(columns["class_id"].tolist(), columns["reason"].tolist(), strict=True))
    return np.array([[found[number, reason] for reason in (*CRITERIA, KEPT)] for number in NAMES])


def test_counts_are_those_of_the_labels_stage(run: RunFolder, rows: Rows) -> None:
    counts = VerdictCounts(rows)
    seen = set()
    for thresholds in THRESHOLDS:
        found = counts.count(thresholds, class_thresholds(thresholds, vocabulary()))
        np.testing.assert_array_equal(found, expected(run, thresholds))
        seen |= {(*CRITERIA, KEPT)[place] for place in np.flatnonzero(found.sum(axis=0))}
    assert seen == {*CRITERIA, KEPT}


@settings(max_examples=25, deadline=None)
@given(*[st.none() | st.sampled_from([0.0, 0.05, 0.15, 0.3, 0.7, 0.95, 1.0])] * 3, st.booleans())
def test_counts_stay_right_when_thresholds_move_one_by_one(
    run: RunFolder, rows: Rows, first: float | None, second: float | None, third: float | None, own: bool
) -> None:
    counts = _SHARED.setdefault("counts", VerdictCounts(rows))
    classes = {"star": {"similarity": 0.5}} if own else {}
    thresholds = LabelsSettings.model_validate(
        {"objectness": first, "class_score": second, "similarity": third, "classes": classes}
    )
    found = counts.count(thresholds, class_thresholds(thresholds, vocabulary()))
    np.testing.assert_array_equal(found, expected(run, thresholds))


_SHARED: dict[str, VerdictCounts] = {}


@pytest.mark.parametrize("thresholds", THRESHOLDS)
def test_every_label_has_the_verdict_of_the_labels_stage(
    run: RunFolder, rows: Rows, thresholds: LabelsSettings
) -> None:
    found = verdicts_of(rows, np.arange(len(rows)), thresholds, class_thresholds(thresholds, vocabulary()))
    words = np.array([*CRITERIA, KEPT])[found]
    known = {
        mask_id: reason
        for columns in select(run, thresholds)
        for mask_id, reason in zip(columns["mask_id"].tolist(), columns["reason"].tolist(), strict=True)
    }
    assert dict(zip(rows.mask_ids.tolist(), words.tolist(), strict=True)) == known


@pytest.mark.parametrize("criterion", ["objectness", "class_score", "similarity"])
def test_nearest_labels_are_decided_by_that_threshold_alone(rows: Rows, criterion: str) -> None:
    thresholds = LabelsSettings(objectness=0.3, class_score=0.3, similarity=0.3)
    above, below = nearest(rows, 1, criterion, thresholds, {}, 5)
    least = getattr(thresholds, criterion)
    without = thresholds.model_copy(update={criterion: None})
    own = np.arange(rows.bounds[1], rows.bounds[2])
    free = own[verdicts_of(rows, own, without, {}) == KEPT_PLACE]
    values = rows.scores[criterion][free]
    assert sorted(values[values >= np.float32(least)])[:5] == rows.scores[criterion][above].tolist()
    assert sorted(values[values < np.float32(least)])[::-1][:5] == rows.scores[criterion][below].tolist()
    assert set(above) | set(below) <= set(free.tolist())
    assert len(above)
    assert len(below)


def test_a_criterion_that_is_off_has_no_nearest_labels(rows: Rows) -> None:
    above, below = nearest(rows, 0, "similarity", OFF, {}, 5)
    assert len(above) == len(below) == 0


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(0, 12))
def test_lowest_is_the_head_of_a_stable_sort(values: list[int], count: int) -> None:
    array = np.array(values, dtype=np.float32)
    assert lowest(array, count).tolist() == np.argsort(array, kind="stable")[:count].tolist()


def test_rows_of_a_class_lie_together_and_videos_are_found(rows: Rows) -> None:
    assert rows.video_names == ["<i>d</i>", "a", "b", "c"]
    assert rows.classes(np.arange(len(rows))).tolist() == sorted(rows.classes(np.arange(len(rows))).tolist())
    of_video = rows.of_video(2)
    assert set(rows.videos[of_video]) == {2}
    assert (np.diff(rows.frame_indices[of_video]) >= 0).all()
    assert len(of_video) == np.count_nonzero(rows.videos == 2)
    assert rows.row_of(int(rows.mask_ids[5])) == 5
    assert rows.row_of(12345) is None
