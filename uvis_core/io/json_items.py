"""Entries of a large json file, one after the other."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ijson

from uvis_core.io.errors import UserError
from uvis_core.io.json_depth import Shallow
from uvis_core.io.text import open_file


def iterate_list(path: Path | str) -> Iterator[Any]:
    """Yield the entries of a json file that is one list; memory is that of the largest entry.

    Raises:
        UserError: As ``iterate_items``, or the file is no list.
    """
    found = beginning(path)
    if not found.startswith("["):
        raise UserError(
            f"{path}: begins with {found!r}, not with a list", fix="give a json list of predictions"
        )
    yield from iterate_items(path, "item")


def iterate_items(path: Path | str, place: str) -> Iterator[Any]:
    """Yield what stands at one place of a json file; memory is that of the largest entry.

    Args:
        path: The file.
        place: Keys from the outermost inwards, joined by dots; ``item`` stands for every entry of a list.

    Raises:
        UserError: The file is missing, is not json (says after how many entries), or nested beyond all sense.
    """
    taken = 0
    try:
        with open_file(path, "check the path") as stream:
            for value in ijson.items(Shallow(stream, path), place, use_float=True):
                taken += 1
                yield value
    except (ijson.JSONError, UnicodeDecodeError) as error:
        raise UserError(
            f"{path}: not valid json after {taken} entries ({' '.join(str(error).split())})",
            fix="repair or rewrite the file; NaN and Infinity are no json",
        ) from error


def beginning(path: Path | str) -> str:
    """The first characters of a file that are not blank, which tell a list from an object.

    Raises:
        UserError: The file is missing.
    """
    with open_file(path, "check the path") as stream:
        return stream.read(1 << 16).lstrip()[:20].decode(errors="replace")
