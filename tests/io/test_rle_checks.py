import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from uvis_core.io.rle_checks import WrongRuns, check_characters, check_runs, decode_runs


def compress(runs: list[int]) -> bytes:
    return coco.frPyObjects({"size": [1, sum(runs)], "counts": runs}, 1, sum(runs))["counts"]


def test_one_mask_by_hand():
    # 3 background, 4 foreground, 2 background: small numbers are single characters from "0" on.
    assert decode_runs(b"342").tolist() == [3, 4, 2]


def test_differences_begin_at_the_fourth_number():
    # 5, 1, 6, then 1 + 2 = 3, then 6 - 2 = 4 ("N" is 78 - 48 = 30: five bits 11110, that is -2).
    assert decode_runs(b"5162N").tolist() == [5, 1, 6, 3, 4]


@settings(deadline=None)
@given(st.lists(st.integers(0, 3_000_000), min_size=1, max_size=12))
def test_inverts_the_encoder(runs: list[int]):
    text = compress(runs)
    check_characters([text])
    assert check_runs([text], 1, sum(runs)).tolist() == [sum(runs[1::2])]
    assert decode_runs(text).tolist() == runs


@pytest.mark.parametrize("damaged", [b"", b"34o", b"3\x10", b"3z"], ids=["empty", "cut off", "low", "high"])
def test_refuses_damaged_texts(damaged: bytes):
    with pytest.raises(ValueError, match="run-length text"):
        check_characters([b"342", damaged])


def test_refuses_runs_that_do_not_fill_the_frame():
    with pytest.raises(ValueError, match="the runs cover 9 pixels, the frame has 2 x 4 = 8"):
        check_runs([b"342"], 2, 4)


def test_refuses_negative_runs():
    with pytest.raises(ValueError, match="a run of -12 pixels"):
        check_runs([compress([60]) + b"D"], 6, 8)


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 99), min_size=1, max_size=9), min_size=1, max_size=5), st.data())
def test_looks_through_every_mask(masks: list[list[int]], data: st.DataObject):
    size = max(map(sum, masks)) + 1
    texts = [compress([*runs[:-1], runs[-1] + size - sum(runs)]) for runs in masks]
    filled = [[*runs[:-1], runs[-1] + size - sum(runs)] for runs in masks]
    assert check_runs(texts, 1, size).tolist() == [sum(runs[1::2]) for runs in filled]
    place = data.draw(st.integers(0, len(masks) - 1))
    texts[place] = compress([*masks[place][:-1], masks[place][-1] + size + 1 - sum(masks[place])])
    with pytest.raises(WrongRuns, match=f"cover {size + 1} pixels") as caught:
        check_runs(texts, 1, size)
    assert caught.value.place == place


def test_refuses_numbers_that_overflow():
    with pytest.raises(WrongRuns, match="more pixels than any frame") as caught:
        check_runs([b"342", b"o" * 12 + b"0"], 1, 9)
    assert caught.value.place == 1
