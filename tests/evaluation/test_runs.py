import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from uvis_core.evaluation.runs import decode_runs


def compress(runs: list[int]) -> bytes:
    return coco.frPyObjects({"size": [1, sum(runs)], "counts": runs}, 1, sum(runs))["counts"]


def padded(runs: list[int]) -> list[int]:
    return runs + [0] * (len(runs) % 2)


def test_one_mask_by_hand():
    # 3 background, 4 foreground, 2 background: the texts of 3, 4, 2 are single characters from "0" on.
    pairs, rows = decode_runs([b"342"])
    assert pairs.tolist() == [[3, 4], [2, 0]]
    assert rows.tolist() == [0, 2]


def test_differences_begin_at_the_fourth_number():
    # 5, 1, 6, then 1 + 2 = 3, then 6 - 2 = 4 ("N" is 78 - 48 = 30: five bits 11110, that is -2).
    pairs, _ = decode_runs([b"5162N"])
    assert pairs.tolist() == [[5, 1], [6, 3], [4, 0]]


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 3_000_000), min_size=1, max_size=9), min_size=1, max_size=6))
def test_inverts_the_encoder_for_any_batch(masks: list[list[int]]):
    pairs, rows = decode_runs([compress(runs) for runs in masks])
    for index, runs in enumerate(masks):
        assert pairs[rows[index] : rows[index + 1]].ravel().tolist() == padded(runs)


@pytest.mark.parametrize("damaged", [b"", b"34o", b"3\x10"], ids=["empty", "cut off", "foreign character"])
def test_refuses_damaged_texts(damaged: bytes):
    with pytest.raises(ValueError, match="run-length text"):
        decode_runs([b"342", damaged])


def test_types_and_shapes():
    pairs, rows = decode_runs([b"342", b"5162N"])
    assert pairs.dtype == np.int64
    assert pairs.shape == (5, 2)
    assert rows.tolist() == [0, 2, 5]
