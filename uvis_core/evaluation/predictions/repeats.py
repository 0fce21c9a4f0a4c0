"""Tracks that stand twice in a list of results: both copies count, and all figures fall."""

import hashlib
from array import array
from collections.abc import Mapping
from typing import Any


class Repeats:
    """Remembers tracks by a digest of everything about them."""

    def __init__(self) -> None:
        self._first: dict[bytes, int] = {}

    def first(self, number: int, facts: tuple[Any, ...], masks: Mapping[int, bytes]) -> int:
        """The number under which a track came first; its own if it is new.

        Different tracks may well have equal masks, of other classes or with other scores.

        Args:
            number: Of the track in its list.
            facts: Its video, class and score.
            masks: Its run lengths by frame.
        """
        # Processors have instructions for this digest.
        digest = hashlib.sha256(repr(facts).encode())
        digest.update(array("q", masks).tobytes())
        digest.update(b" ".join(masks.values()))
        return self._first.setdefault(digest.digest(), number)
