import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from uvis_core.evaluation.ytvis.matching import IOU_THRESHOLDS, match_group

HALF = np.array([0.5])


def match(ious, *, crowd=None, ignored=None, outside=None, thresholds=HALF):
    ious = np.array(ious, dtype=np.float64)
    tracks, truths = ious.shape
    crowd = np.array(crowd if crowd is not None else [False] * truths, dtype=bool)
    return match_group(
        ious,
        np.linspace(1, 0.5, tracks),
        np.array([outside if outside is not None else [False] * tracks], dtype=bool),
        crowd,
        np.array([ignored], dtype=bool) if ignored is not None else crowd[None],
        thresholds,
    )


def test_each_truth_is_found_once():
    result = match([[0.8], [0.9]])
    assert result.found.tolist() == [[[True, False]]]
    assert result.ignored.tolist() == [[[False, False]]]


def test_the_highest_overlap_is_taken():
    result = match([[0.6, 0.9], [0.0, 0.9], [0.6, 0.0]])
    assert result.found.tolist() == [[[True, False, True]]]


def test_of_equal_overlaps_the_later_truth_is_taken():
    result = match([[0.7, 0.7], [0.7, 0.0], [0.0, 0.7]])
    assert result.found.tolist() == [[[True, True, False]]]


def test_crowd_is_found_many_times_and_never_counts():
    result = match([[0.6], [0.6]], crowd=[True])
    assert result.found.tolist() == [[[True, True]]]
    assert result.ignored.tolist() == [[[True, True]]]
    assert result.truths.tolist() == [0]


def test_a_truth_that_counts_goes_before_an_ignored_one():
    result = match([[0.9, 0.6], [0.9, 0.6]], ignored=[True, False])
    assert result.found.tolist() == [[[True, True]]]
    assert result.ignored.tolist() == [[[False, True]]]


def test_an_ignored_truth_that_is_no_crowd_is_found_once():
    result = match([[0.9], [0.9]], ignored=[True])
    assert result.found.tolist() == [[[True, False]]]
    assert result.ignored.tolist() == [[[True, False]]]


def test_unmatched_predictions_outside_the_bin_are_ignored():
    result = match([[0.1], [0.9]], outside=[True, True])
    assert result.found.tolist() == [[[False, True]]]
    assert result.ignored.tolist() == [[[True, False]]]


@pytest.mark.parametrize(("iou", "steps"), [(0.499, 0), (0.5, 1), (0.74, 5), (0.75, 6), (1.0, 10)])
def test_thresholds_include_their_value(iou, steps):
    result = match([[iou]], thresholds=IOU_THRESHOLDS)
    assert result.found.sum() == steps


def test_no_truth_and_no_prediction():
    assert match(np.zeros((2, 0)), ignored=[]).found.tolist() == [[[False, False]]]
    assert match(np.zeros((0, 2))).truths.tolist() == [2]


# Few values, so that equal overlaps and those on a threshold come up.
OVERLAPS = arrays.arrays(
    np.float64,
    st.tuples(st.integers(1, 5), st.integers(1, 4)),
    elements=st.sampled_from([0.0, 0.49, *IOU_THRESHOLDS.tolist(), 0.97, 1.0]),
)


@settings(deadline=None)
@given(OVERLAPS, st.data())
def test_all_thresholds_at_once_are_each_by_itself(ious, data):
    flags = st.lists(st.booleans(), min_size=ious.shape[1], max_size=ious.shape[1])
    crowd = data.draw(flags)
    ignored = [some or many for some, many in zip(data.draw(flags), crowd, strict=True)]
    together = match(ious, crowd=crowd, ignored=ignored, thresholds=IOU_THRESHOLDS)
    for step in range(len(IOU_THRESHOLDS)):
        alone = match(ious, crowd=crowd, ignored=ignored, thresholds=IOU_THRESHOLDS[[step]])
        assert together.found[:, [step]].tolist() == alone.found.tolist()
        assert together.ignored[:, [step]].tolist() == alone.ignored.tolist()
