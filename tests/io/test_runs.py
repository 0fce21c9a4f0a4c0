import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from uvis_core.io.runs import Runs, WrongRuns, decode_runs


def compress(runs: list[int]) -> bytes:
    return coco.frPyObjects({"size": [1, sum(runs)], "counts": runs}, 1, sum(runs))["counts"]


def listed(runs: Runs) -> list[list[int]]:
    """Run lengths of every mask; those of an odd number end in an empty run."""
    return [
        part.ravel().tolist()
        for part in np.split(np.diff(runs.ends, prepend=0).reshape(-1, 2), runs.bounds[1:-1])
    ]


def even(runs: list[int]) -> list[int]:
    return runs + [0] * (len(runs) % 2)


def test_one_mask_by_hand():
    # 3 background, 4 foreground, 2 background: small numbers are single characters from "0" on.
    found = decode_runs([b"342"], 3, 3)
    assert found.ends.tolist() == [3, 7, 9, 9]
    assert found.areas_px.tolist() == [4]


def test_differences_begin_at_the_fourth_number():
    # 5, 1, 6, then 1 + 2 = 3, then 6 - 2 = 4 ("N" is 78 - 48 = 30: five bits 11110, that is -2).
    assert listed(decode_runs([b"5162N"], 1, 19)) == [[5, 1, 6, 3, 4, 0]]


def test_no_mask_at_all():
    assert listed(decode_runs([], 2, 2)) == [[]]
    assert decode_runs([], 2, 2).areas_px.tolist() == []


RUNS = st.lists(st.integers(0, 3_000_000), min_size=1, max_size=12)


@settings(deadline=None)
@given(st.lists(RUNS, min_size=1, max_size=6))
def test_inverts_the_encoder(masks: list[list[int]]):
    found = decode_runs([compress(runs) for runs in masks], 1, np.array(list(map(sum, masks))))
    assert listed(found) == list(map(even, masks))
    assert found.areas_px.tolist() == [sum(runs[1::2]) for runs in masks]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 2**33), min_size=1, max_size=9))
def test_frames_beyond_32_bits(runs: list[int]):
    found = decode_runs([by_hand(runs)], 1, sum(runs))
    assert listed(found) == [even(runs)]
    assert found.areas_px.tolist() == [sum(runs[1::2])]


def test_many_masks_together_reach_beyond_32_bits():
    size = 2**26
    masks = [[size // 2 + step, size // 2 - step] for step in range(70)]
    found = decode_runs([compress(runs) for runs in masks], 2**13, 2**13)
    assert listed(found) == masks
    assert found.areas_px.tolist() == [runs[1] for runs in masks]
    assert found.part(69, 70).ends.tolist() == [masks[69][0], size]


def by_hand(runs: list[int]) -> bytes:
    """The encoder once more, without the 32 bits of the compiled one."""
    text = bytearray()
    for place, run in enumerate(runs):
        number = run - (runs[place - 2] if place > 2 else 0)
        more = True
        while more:
            group, number = number & 31, number >> 5
            more = number != (-1 if group & 16 else 0)
            text.append(48 + group + 32 * more)
    return bytes(text)


@pytest.mark.parametrize("damaged", [b"", b"34o", b"3\x10", b"3z"], ids=["empty", "cut off", "low", "high"])
def test_refuses_damaged_texts(damaged: bytes):
    with pytest.raises(WrongRuns, match="run-length text") as caught:
        decode_runs([b"342", damaged, b"342"], 3, 3)
    assert caught.value.place == 1


def test_refuses_runs_that_do_not_fill_the_frame():
    with pytest.raises(WrongRuns, match="the runs cover 9 pixels, the frame has 2 x 4 = 8"):
        decode_runs([b"342"], 2, 4)


def test_refuses_negative_runs():
    with pytest.raises(WrongRuns, match="a run of -12 pixels"):
        decode_runs([compress([60]) + b"D"], 6, 8)


def test_refuses_runs_that_fill_the_frame_with_a_negative_one():
    with pytest.raises(WrongRuns, match="a run of -2 pixels"):
        decode_runs([b"56N"], 3, 3)


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 99), min_size=1, max_size=9), min_size=1, max_size=5), st.data())
def test_looks_through_every_mask(masks: list[list[int]], data: st.DataObject):
    size = max(map(sum, masks)) + 1
    filled = [[*runs[:-1], runs[-1] + size - sum(runs)] for runs in masks]
    texts = [compress(runs) for runs in filled]
    assert decode_runs(texts, 1, size).areas_px.tolist() == [sum(runs[1::2]) for runs in filled]
    place = data.draw(st.integers(0, len(masks) - 1))
    texts[place] = compress([*masks[place][:-1], masks[place][-1] + size + 1 - sum(masks[place])])
    with pytest.raises(WrongRuns, match=f"cover {size + 1} pixels") as caught:
        decode_runs(texts, 1, size)
    assert caught.value.place == place


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.binary(max_size=20).map(lambda text: bytes(48 + code % 64 for code in text)),
        min_size=1,
        max_size=4,
    )
)
def test_any_characters_are_decoded_or_refused_by_exact_arithmetic(texts: list[bytes]):
    sizes = [max(1, sum(exact(text) or [1])) for text in texts]
    wrong = [
        place
        for place, text in enumerate(texts)
        if not (found := exact(text)) or min(found) < 0 or not sum(found)
    ]
    if wrong:
        with pytest.raises(WrongRuns) as caught:
            decode_runs(texts, 1, np.array(sizes))
        assert caught.value.place == wrong[0]
    else:
        assert listed(decode_runs(texts, 1, np.array(sizes))) == [even(exact(text)) for text in texts]


def exact(text: bytes) -> list[int]:
    """Run lengths in exact arithmetic, none where a text is cut off or a number longer than any frame's."""
    runs: list[int] = []
    groups: list[int] = []
    for code in text:
        groups.append(code - 48)
        if groups[-1] < 32:
            number = sum((group & 31) << 5 * place for place, group in enumerate(groups))
            number -= (groups[-1] & 16) * 2 << 5 * (len(groups) - 1)
            if len(groups) > 7:
                return []
            runs.append(number + (runs[-2] if len(runs) > 2 else 0))
            groups = []
    return [] if groups else runs


def test_refuses_numbers_that_overflow():
    with pytest.raises(WrongRuns, match="more pixels than any frame") as caught:
        decode_runs([b"342", b"o" * 12 + b"0"], 3, 3)
    assert caught.value.place == 1


@pytest.mark.parametrize("size", [9, 2**20, 2**31], ids=["tiny", "32 bits", "64 bits"])
def test_refuses_runs_whose_sum_comes_round_again(size: int):
    """Each number is sound, all together fill the frame in arithmetic of 32 or of 64 bits."""
    for bits in (32, 64):
        rest, step = 2**bits + size, 2**29 - 1 if bits == 32 else 2**33
        runs = [step] * (rest // step if bits == 32 else 3)
        runs.append(rest - sum(runs))
        with pytest.raises(WrongRuns, match=r"cover|more pixels"):
            decode_runs([by_hand(runs)], 1, size)
