"""COCO's compressed run lengths decoded, with the checks that compiled code does not make.

A compressed text holds one number per run, background first, in groups of five bits from the lowest up; a
sixth bit says that another group follows, the top bit of the last group is the sign. From the fourth number
on, each is the difference to the number two places before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

_FIRST_CHARACTER = 48
_CHARACTERS = 64
_CONTINUES = 32
# Groups of five bits in a number of at most 2^29 and 2^34 pixels, the most of arithmetic in 32 bits and of any mask.
_SHORT_GROUPS, _MOST_GROUPS = 6, 7
_SHORT_PIXELS = 1 << 30
# Two numbers of 32 bits side by side, and the sign of the lower one.
_WIDE = np.dtype("<i8")
_HALF = np.dtype("<i4")
_SIGN = np.int64(1 << 31)


class WrongRuns(ValueError):
    """A text that is no mask of its frame; ``place`` counts the texts that were decoded."""

    def __init__(self, message: str, place: int) -> None:
        super().__init__(message)
        self.place = place


@dataclass(frozen=True)
class Runs:
    """Runs of N masks, of P pairs of background and foreground in all; the last foreground of a mask may be empty.

    Attributes:
        ends: Where background and foreground end in turn, in pixels from the first mask's begin on as if the masks lay
            one behind the other; int32 or int64 of shape (2 P,).
        bounds: First pair of each mask, and behind them P, int64 of shape (N + 1,).
        areas_px: Foreground pixels of each mask, int64 of shape (N,).
    """

    ends: np.ndarray
    bounds: np.ndarray
    areas_px: np.ndarray

    def part(self, first: int, last: int) -> "Runs":
        """Masks from ``first`` to the one before ``last``; ends and bounds in memory of their own."""
        begin, end = int(self.bounds[first]), int(self.bounds[last])
        before = self.ends[2 * begin - 1] if begin else 0
        return Runs(
            ends=self.ends[2 * begin : 2 * end] - before,
            bounds=self.bounds[first : last + 1] - begin,
            areas_px=self.areas_px[first:last],
        )


def decode_runs(texts: Sequence[bytes], height_px: ArrayLike, width_px: ArrayLike) -> Runs:
    """Decode masks and check that the runs of each fill its frame.

    Args:
        texts: N compressed texts.
        height_px: Height of the frames, one for all or int64 of shape (N,).
        width_px: Width of the frames, likewise.

    Raises:
        WrongRuns: A text is empty, ends inside a number, holds a character that the format does not have, or its runs
            cover more or fewer pixels than the frame has, or one is negative; of the first such text.
    """
    if not texts:
        return Runs(np.zeros(0, np.int32), np.zeros(1, np.int64), np.zeros(0, np.int64))
    pixels = np.broadcast_to(np.multiply(height_px, width_px, dtype=np.int64), len(texts))
    runs = _decode(texts, pixels)
    if runs is None:
        sizes = np.broadcast_to(np.stack(np.broadcast_arrays(height_px, width_px), axis=-1), (len(texts), 2))
        runs = _decode_exactly(texts, sizes.tolist())
    return runs


def _decode(texts: Sequence[bytes], pixels: np.ndarray) -> Runs | None:
    """The runs; None where something is wrong with them, or a frame too large for arithmetic in 32 bits."""
    lengths = np.array(list(map(len, texts)))
    # A number behind each text, used where the text has an odd number of them: so all pairs are whole.
    groups = np.frombuffer(b"0".join(texts) + b"0", np.uint8) - np.uint8(_FIRST_CHARACTER)
    behind = np.cumsum(lengths + 1) - 1
    if groups.max() >= _CHARACTERS or not lengths.all() or (groups[behind - 1] >= _CONTINUES).any():
        return None
    is_last = groups < _CONTINUES
    lower = np.flatnonzero(~is_last)
    numbers = lengths - np.diff(np.searchsorted(lower, behind), prepend=0)
    odd = numbers % 2 == 1
    is_last[behind] = odd
    pairs = (numbers + 1) // 2
    bounds = np.concatenate([[0], np.cumsum(pairs)])
    starts = bounds[:-1]
    # Of the lower five bits the top one is the sign.
    signed = groups & np.uint8(31)
    signed ^= 16
    signed -= 16
    signed = signed.view(np.int8)
    firsts = np.flatnonzero(np.diff(lower, prepend=-2) != 1)
    more = np.diff(firsts, append=len(lower))
    longest = 1 + int(more.max(initial=0))
    if longest > _SHORT_GROUPS or pixels.max() >= _SHORT_PIXELS:
        return None
    values = signed[is_last].astype(_HALF)
    if len(lower):
        # Before a number stand the last groups of others, but for the numbers behind texts that were not used.
        begins = lower[firsts]
        skipped = np.cumsum(~odd) - ~odd
        own = np.diff(np.searchsorted(begins, behind), prepend=0)
        places = begins - firsts - np.repeat(skipped, own)
        low = (groups[begins] & np.uint8(31)).astype(values.dtype)
        for back in range(1, longest - 1):
            deep = np.flatnonzero(more > back)
            low[deep] += (groups[begins[deep] + back] & np.uint8(31)).astype(values.dtype) << 5 * back
        values[places] = (values[places] << (5 * more).astype(values.dtype)) + low
    areas = _add_differences(values, starts, bounds[1:][odd] - 1)
    # From here on nothing can have overflowed unseen: a sum begins within the bound, and one step beyond it is still in
    # reach of the type, where it shows as more than the bound, negative numbers too.
    if values.view(np.uint32).max() > pixels.max():
        return None
    wanted = np.cumsum(pixels)
    ends = np.cumsum(values, dtype=np.int32 if wanted[-1] < _SHORT_PIXELS else np.int64)
    if ends.view(f"u{ends.itemsize}").max() > wanted[-1] or (ends[2 * bounds[1:] - 1] != wanted).any():
        return None
    return Runs(ends, bounds, areas)


def _add_differences(values: np.ndarray, starts: np.ndarray, unused: np.ndarray) -> np.ndarray:
    """Turn the numbers of texts into run lengths, in place.

    Both sides of a pair are added up at once, as the halves of one wide number: from the upper half is taken what a
    negative lower one borrows.

    Args:
        values: In pairs, int32 of shape (2 P,).
        starts: First pair of each text, int64 of shape (N,).
        unused: Pairs whose second number is none of the text.

    Returns:
        Sums of each text's second numbers, int64 of shape (N,); only of a text whose runs fill its frame.
    """
    # The first number of a text is no part of its differences.
    wholes = values[2 * starts]
    values[2 * starts] = 0
    wide = values.view(_WIDE)
    borrowed = wide & _SIGN
    borrowed <<= 1
    wide -= borrowed
    # A text begins anew when the sum of the one before it is taken away.
    wide[starts[1:]] -= np.add.reduceat(wide, starts)[:-1]
    np.cumsum(wide, out=wide)
    values[2 * starts] = wholes
    values[2 * unused + 1] = 0
    return np.add.reduceat(wide, starts) >> 32


def _decode_exactly(texts: Sequence[bytes], sizes_px: Sequence[tuple[int, int]]) -> Runs:
    """The runs, text by text and number by number; raises what is wrong with the first one that something is with."""
    masks = []
    for place, (text, (height, width)) in enumerate(zip(texts, sizes_px, strict=True)):
        try:
            runs = _numbers(text)
        except ValueError as error:
            raise WrongRuns(str(error), place) from error
        if min(runs) < 0:
            raise WrongRuns(f"a run of {min(runs)} pixels", place)
        if sum(runs) != height * width:
            told = f"the runs cover {sum(runs)} pixels, the frame has {height} x {width} = {height * width}"
            raise WrongRuns(told, place)
        masks.append(runs + [0] * (len(runs) % 2))
    return Runs(
        ends=np.cumsum(np.array([run for runs in masks for run in runs], dtype=np.int64)),
        bounds=np.cumsum([0, *(len(runs) // 2 for runs in masks)]),
        areas_px=np.array([sum(runs[1::2]) for runs in masks]),
    )


def _numbers(text: bytes) -> list[int]:
    """Run lengths in exact arithmetic; ValueError where the text holds none."""
    if not text:
        raise ValueError("an empty run-length text")
    runs: list[int] = []
    number = groups = 0
    for character in text:
        group = character - _FIRST_CHARACTER
        if not 0 <= group < _CHARACTERS:
            raise ValueError("a character that run-length texts do not have")
        number |= (group & 31) << 5 * groups
        groups += 1
        if groups > _MOST_GROUPS:
            raise ValueError("a run of more pixels than any frame has")
        if group < _CONTINUES:
            number -= (group & 16) << 5 * groups - 4
            runs.append(number + (runs[-2] if len(runs) > 2 else 0))
            number = groups = 0
    if groups:
        raise ValueError("a run-length text that ends inside a number")
    return runs
