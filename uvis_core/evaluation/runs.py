"""COCO's compressed run lengths turned into numbers, many masks at once, in array operations.

A compressed text holds one number per run, background first, in groups of five bits from the lowest up; a
sixth bit says that another group follows, the top bit of the last group is the sign. From the fourth number
on, each is the difference to the number two places before it.
"""

from collections.abc import Sequence

import numpy as np

_FIRST_CHARACTER = 48
_LAST_CHARACTER = _FIRST_CHARACTER + 63
_CONTINUES = _FIRST_CHARACTER + 32
_GROUP = (np.arange(256) - _FIRST_CHARACTER) & 31
_LAST_GROUP = np.where(_GROUP & 16, _GROUP - 32, _GROUP)


def decode_runs(counts: Sequence[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Decode compressed masks into background and foreground run lengths.

    Args:
        counts: N compressed texts.

    Returns:
        Run lengths in pixels, int64 of shape (P, 2): each row a background run and the foreground run after
        it (0 where a mask ends in background); and the first row of each mask followed by P, int64 of shape
        (N + 1,).

    Raises:
        ValueError: A text is empty, ends inside a number or holds a character that the format does not have.
    """
    values, runs_per_mask = _numbers(counts)
    ends_in_background = runs_per_mask % 2 == 1
    padded = np.insert(values, np.cumsum(runs_per_mask)[ends_in_background], 0)
    pairs = padded.reshape(-1, 2)
    rows = np.concatenate([[0], np.cumsum((runs_per_mask + 1) // 2)])
    starts, several = rows[:-1], np.diff(rows) > 1

    # One running sum over all masks undoes the differences, once each number that is no difference (the first
    # background, the second background and the first foreground of a mask) has the sum before it taken off.
    first = pairs[starts, 0].copy()
    after_first = np.add.reduceat(pairs[:, 0], starts) - first
    pairs[starts[1:], 0] -= np.where(several, after_first, first)[:-1]
    pairs[starts[several] + 1, 0] -= first[several]
    pairs[starts[1:], 1] -= np.add.reduceat(pairs[:, 1], starts)[:-1]
    pairs = np.cumsum(pairs, axis=0)
    pairs[rows[1:][ends_in_background] - 1, 1] = 0
    return pairs, rows


def _numbers(counts: Sequence[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """All numbers of all texts, int64 of shape (R,), and how many each text holds, int64 of shape (N,)."""
    lengths = np.fromiter(map(len, counts), np.int64, len(counts))
    if not lengths.all():
        raise ValueError("an empty run-length text")
    characters = np.frombuffer(b"".join(counts), np.uint8)
    if characters.min() < _FIRST_CHARACTER or characters.max() > _LAST_CHARACTER:
        raise ValueError("a character that run-length texts do not have")
    continues = characters >= _CONTINUES
    text_ends = np.cumsum(lengths)
    if continues[text_ends - 1].any():
        raise ValueError("a run-length text that ends inside a number")
    last = np.flatnonzero(~continues)
    values = _LAST_GROUP[characters[last]]
    # Most numbers are one character long; each round adds one character to those that are longer.
    longer = np.flatnonzero(continues[last - 1] & (last > 0))
    position = last[longer] - 1
    while len(longer):
        values[longer] = (values[longer] << 5) | _GROUP[characters[position]]
        more = continues[position - 1] & (position > 0)
        longer, position = longer[more], position[more] - 1
    return values, np.diff(np.searchsorted(last, text_ends), prepend=0)
