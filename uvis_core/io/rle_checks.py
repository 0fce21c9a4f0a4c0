"""Checks on COCO's compressed run lengths, which the compiled code reads without any.

A compressed text holds one number per run, background first, in groups of five bits from the lowest up; a
sixth bit says that another group follows, the top bit of the last group is the sign. From the fourth number
on, each is the difference to the number two places before it.
"""

from collections.abc import Sequence

import numpy as np

_FIRST_CHARACTER = 48
_CHARACTERS = 64
_CONTINUES = _FIRST_CHARACTER + 32
# Of five bits each: 2^34 pixels, many times the largest frame, and too few for the sums to overflow.
_MOST_GROUPS = 7


def check_characters(texts: Sequence[bytes]) -> None:
    """Check that texts can be read without running past their end.

    Raises:
        ValueError: A text is empty, ends inside a number or holds a character that the format does not have.
    """
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    if not lengths.all():
        raise ValueError("an empty run-length text")
    characters = np.frombuffer(b"".join(texts), np.uint8)
    if len(characters) == 0:
        return
    if characters.min() < _FIRST_CHARACTER or characters.max() >= _FIRST_CHARACTER + _CHARACTERS:
        raise ValueError("a character that run-length texts do not have")
    if (characters[np.cumsum(lengths) - 1] >= _CONTINUES).any():
        raise ValueError("a run-length text that ends inside a number")


class WrongRuns(ValueError):
    """Runs that are no mask of the frame; ``place`` counts the texts that were checked."""

    def __init__(self, message: str, place: int) -> None:
        super().__init__(message)
        self.place = place


def decode_runs(text: bytes) -> np.ndarray:
    """Run lengths of one mask in pixels, background first, int64 of shape (R,).

    Args:
        text: Compressed text that ``check_characters`` has passed.
    """
    return _decode([text])[0]


def check_runs(texts: Sequence[bytes], height: int, width: int) -> None:
    """Check that the runs of every mask fill its frame.

    Args:
        texts: Compressed texts that ``check_characters`` has passed.
        height: Of the frame, pixels.
        width: Of the frame, pixels.

    Raises:
        WrongRuns: They cover more or fewer pixels, or one is negative; of the first text where it is so.
    """
    if not texts:
        return
    runs, starts = _decode(texts)
    least, sums = np.minimum.reduceat(runs, starts), np.add.reduceat(runs, starts)
    for place in np.flatnonzero((least < 0) | (sums != height * width))[:1].tolist():
        if least[place] < 0:
            raise WrongRuns(f"a run of {least[place]} pixels", place)
        raise WrongRuns(
            f"the runs cover {sums[place]} pixels, the frame has {height} x {width} = {height * width}", place
        )


def _decode(texts: Sequence[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Run lengths of all masks one after the other, int64, and where those of each begin."""
    groups = np.frombuffer(b"".join(texts), np.uint8).astype(np.int64) - _FIRST_CHARACTER
    last = np.flatnonzero(groups < 32)
    lengths = np.diff(last, prepend=-1)
    text_ends = np.cumsum(list(map(len, texts)))
    if lengths.max() > _MOST_GROUPS:
        place = int(np.searchsorted(text_ends, last[lengths.argmax()], side="right"))
        raise WrongRuns("a run of more pixels than any frame has", place)
    firsts = last - lengths + 1
    places = np.arange(len(groups)) - np.repeat(firsts, lengths)
    groups &= 31
    groups[last] -= 2 * (groups[last] & 16)
    numbers = np.add.reduceat(groups << (5 * places), firsts)
    ends = np.searchsorted(last, text_ends)
    starts = np.append(0, ends[:-1])
    # With a zero after every text of an odd number of runs, each text's differences stand two places apart throughout.
    odd = (ends - starts) % 2
    before = np.cumsum(odd) - odd
    here = np.arange(len(numbers)) + np.repeat(before, ends - starts)
    padded = np.zeros(len(numbers) + int(odd.sum()), np.int64)
    padded[here] = numbers
    begins = (starts + before) // 2
    absolute = padded[0::2][begins].copy()
    padded[0::2][begins] = 0
    halves = np.diff(np.append(begins, len(padded) // 2))
    for half in (padded[0::2], padded[1::2]):
        sums = np.cumsum(half)
        half[:] = sums - np.repeat(sums[begins] - half[begins], halves)
    padded[0::2][begins] = absolute
    return padded[here], starts
