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


def decode_runs(text: bytes) -> np.ndarray:
    """Run lengths of one mask in pixels, background first, int64 of shape (R,).

    Args:
        text: Compressed text that ``check_characters`` has passed.
    """
    groups = np.frombuffer(text, np.uint8).astype(np.int64) - _FIRST_CHARACTER
    last = np.flatnonzero(groups < 32)
    places = np.arange(len(groups)) - np.repeat(np.append(0, last[:-1] + 1), np.diff(last, prepend=-1))
    groups &= 31
    groups[last] -= 2 * (groups[last] & 16)
    numbers = np.add.reduceat(groups << (5 * places), np.append(0, last[:-1] + 1))
    numbers[1::2] = np.cumsum(numbers[1::2])
    numbers[2::2] = np.cumsum(numbers[2::2])
    return numbers


def check_runs(text: bytes, height: int, width: int) -> None:
    """Check that the runs of one mask fill its frame.

    Raises:
        ValueError: They cover more or fewer pixels, or one is negative.
    """
    runs = decode_runs(text)
    if runs.min() < 0:
        raise ValueError(f"a run of {runs.min()} pixels")
    if runs.sum() != height * width:
        raise ValueError(
            f"the runs cover {runs.sum()} pixels, the frame has {height} x {width} = {height * width}"
        )
