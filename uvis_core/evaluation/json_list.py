"""Objects of a large json list, one after the other."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from uvis_core.io.errors import UserError

CHUNK_CHARACTERS = 1 << 22
_BETWEEN = re.compile(r"[\s,]*")


def iterate_list(path: Path, chunk_characters: int = CHUNK_CHARACTERS) -> Iterator[Any]:
    """Yield the objects of a json list; memory is that of the largest object and one chunk.

    Raises:
        UserError: The file is missing or is not a json list; names the entry that cannot be read.
    """
    taken = 0
    try:
        with path.open(encoding="utf-8") as stream:
            buffer = stream.read(chunk_characters).lstrip()
            if not buffer.startswith("["):
                raise UserError(
                    f"{path}: begins with {buffer[:20]!r}, not with a list",
                    fix="give a json list of predictions",
                )
            position = 1
            while True:
                position = _end_of_gap(buffer, position)
                if buffer[position : position + 1] == "]":
                    return
                try:
                    value, position = json.JSONDecoder().raw_decode(buffer, position)
                except json.JSONDecodeError:
                    # Cut off by the chunk, or damaged: more text tells. Doubling it keeps the work linear.
                    more = stream.read(max(chunk_characters, len(buffer) - position))
                    if not more:
                        raise
                    buffer, position = buffer[position:] + more, 0
                    continue
                taken += 1
                yield value
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file", fix="check the path") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UserError(
            f"{path}: not valid json after {taken} entries ({error})", fix="repair or rewrite the file"
        ) from error


def _end_of_gap(buffer: str, position: int) -> int:
    match = _BETWEEN.match(buffer, position)
    return match.end() if match else position
