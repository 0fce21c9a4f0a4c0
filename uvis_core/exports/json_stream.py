"""Json of any length, written entry by entry."""

from collections.abc import Iterable
from typing import TextIO


def write_items(stream: TextIO, items: Iterable[str]) -> None:
    """Write entries, each json text already, on lines of their own with commas between them."""
    for number, item in enumerate(items):
        stream.write((",\n" if number else "\n") + item)
