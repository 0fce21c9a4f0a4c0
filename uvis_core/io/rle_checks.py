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
# What the last group of a number stands for: five bits with a sign.
_SIGNED = np.concatenate([np.arange(16), np.arange(-16, 0)]).astype(np.int64)


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


def check_runs(texts: Sequence[bytes], height: int, width: int) -> np.ndarray:
    """Check that the runs of every mask fill its frame.

    Args:
        texts: Compressed texts that ``check_characters`` has passed.
        height: Of the frame, pixels.
        width: Of the frame, pixels.

    Returns:
        Foreground pixels of each mask, int64 of shape (N,).

    Raises:
        WrongRuns: They cover more or fewer pixels, or one is negative; of the first text where it is so.
    """
    if not texts:
        return np.zeros(0, dtype=np.int64)
    runs, starts = _decode(texts)
    sums = np.add.reduceat(runs, starts)
    if runs.min() < 0 or (sums != height * width).any():
        least = np.minimum.reduceat(runs, starts)
        place = int(np.flatnonzero((least < 0) | (sums != height * width))[0])
        if least[place] < 0:
            raise WrongRuns(f"a run of {least[place]} pixels", place)
        raise WrongRuns(
            f"the runs cover {sums[place]} pixels, the frame has {height} x {width} = {height * width}", place
        )
    return _foreground(runs, starts)


def _foreground(runs: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Sums of every second run from the second on, of each mask."""
    ends = np.append(starts[1:], len(runs))
    found = np.zeros(len(starts), np.int64)
    for parity in (0, 1):
        before = np.append(0, np.cumsum(runs[parity::2]))
        # Where the runs of this half stand that come first and behind the last one in each mask.
        first, behind = (starts - parity + 1) // 2, (ends - parity + 1) // 2
        found += np.where(starts % 2 != parity, before[behind] - before[first], 0)
    return found


def _decode(texts: Sequence[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Run lengths of all masks one after the other, int64, and where those of each begin."""
    groups = np.frombuffer(b"".join(texts), np.uint8) - np.uint8(_FIRST_CHARACTER)
    last = np.flatnonzero(groups < 32)
    text_ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
    ends = np.searchsorted(last, text_ends)
    starts = np.append(0, ends[:-1])
    runs = _SIGNED[groups[last]]
    _add_lower_groups(runs, groups, last, text_ends)
    # Differences reach two places back, so the even and the odd places are summed up by themselves. The first number
    # of a text is whole, and so is the third.
    whole = runs[starts]
    runs[starts] = 0
    for parity in (0, 1):
        sums = np.append(0, np.cumsum(runs[parity::2]))
        first, behind = (starts - parity + 1) // 2, (ends - parity + 1) // 2
        runs[parity::2] = sums[1:] - np.repeat(sums[first], behind - first)
    runs[starts] = whole
    return runs, starts


def _add_lower_groups(runs: np.ndarray, groups: np.ndarray, last: np.ndarray, text_ends: np.ndarray) -> None:
    """Complete the numbers of several groups, in place; ``runs`` hold what stands in the last one."""
    lengths = np.diff(last, prepend=-1)
    longer = np.flatnonzero(lengths > 1)
    if len(longer) == 0:
        return
    ends, lengths = last[longer], lengths[longer]
    if lengths.max() > _MOST_GROUPS:
        place = int(np.searchsorted(text_ends, ends[lengths.argmax()], side="right"))
        raise WrongRuns("a run of more pixels than any frame has", place)
    numbers = runs[longer] << (5 * (lengths - 1))
    for back in range(1, lengths.max()):
        deep = np.flatnonzero(lengths > back)
        low = (groups[ends[deep] - back] & 31).astype(np.int64)
        numbers[deep] |= low << (5 * (lengths[deep] - 1 - back))
    runs[longer] = numbers
