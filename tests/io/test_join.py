import numpy as np
import pytest

from uvis_core.io.errors import UserError
from uvis_core.io.join import check_once, positions

NAMES = ("labels", "masks")


@pytest.mark.parametrize(
    ("wanted", "mask_ids", "found"),
    [
        ([7, 3, 9], [3, 5, 7, 9], [2, 0, 3]),
        ([3, 3], [9, 3], [1, 1]),
        ([-4], [-(2**62), 2**62, -4], [2]),
        ([], [1, 2], []),
        ([], [], []),
    ],
)
def test_positions_follow_what_is_wanted(wanted: list[int], mask_ids: list[int], found: list[int]) -> None:
    got = positions(np.array(wanted, dtype=np.int64), np.array(mask_ids, dtype=np.int64), NAMES)
    assert got.dtype == np.int64
    assert got.tolist() == found


@pytest.mark.parametrize(
    ("wanted", "mask_ids", "words"),
    [
        ([1, 4, 8], [1, 2], "2 masks of the labels are not among the masks, the first is 4"),
        ([1], [], "1 masks of the labels"),
        ([1], [2, 1, 2], "the masks hold mask 2 more than once"),
    ],
)
def test_ids_that_are_missing_or_double_are_refused(
    wanted: list[int], mask_ids: list[int], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        positions(np.array(wanted, dtype=np.int64), np.array(mask_ids, dtype=np.int64), NAMES)


def test_an_id_that_stands_twice_is_named():
    check_once(np.array([3, 1, 2]), "labels")
    with pytest.raises(UserError, match="the labels hold mask 1 more than once"):
        check_once(np.array([1, 3, 1]), "labels")
