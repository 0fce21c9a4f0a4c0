"""Entries of a large json file, one after the other."""

import codecs
import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from uvis_core.io.errors import UserError
from uvis_core.io.text import open_file

PIECE_BYTES = 1 << 17
"""Bytes read at a time."""
# More characters than a number, a word or an escape has that the end of what was read cuts.
_CUT = 32
# Of the longest whole number of 64 bits, its sign among them.
_DIGITS = 20
_BLANK = " \t\n\r"


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
            reader = _Reader(stream)
            for value in _values_at(reader, place.split(".")):
                taken += 1
                yield value
            reader.expect("")
    except ValueError as error:
        raise UserError(
            f"{path}: not valid json after {taken} entries ({' '.join(str(error).split())})",
            fix="repair or rewrite the file; NaN and Infinity are no json",
        ) from error
    except RecursionError as error:
        raise UserError(
            f"{path}: lists or objects lie too deep in each other, after {taken} entries",
            fix="give annotations or results in YTVIS json",
        ) from error


def beginning(path: Path | str) -> str:
    """The first characters of a file that are not blank, which tell a list from an object.

    Raises:
        UserError: The file is missing.
    """
    with open_file(path, "check the path") as stream:
        return stream.read(1 << 16).lstrip()[:20].decode(errors="replace")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of json")


# Height and width stand beside every mask, so nearly all numbers repeat.
@lru_cache(maxsize=1 << 10)
def _whole_number(digits: str) -> int:
    """A number of 64 bits, which tables and arrays take."""
    if len(digits) < _DIGITS - 1:
        return int(digits)
    if len(digits) > _DIGITS or not -(2**63) <= (number := int(digits)) < 2**63:
        raise ValueError(f"a whole number of {len(digits)} characters is beyond 64 bits")
    return number


class _Reader:
    """Takes values off a stream of json; ValueError where it is none, RecursionError where it lies too deep."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._characters = codecs.getincrementaldecoder("utf-8")()
        self._decode = json.JSONDecoder(parse_int=_whole_number, parse_constant=_refuse_constant).raw_decode
        # What was read and not taken yet: the text from the position on.
        self._text, self._position, self._passed, self._ended = "", 0, 0, False

    def next_character(self) -> str:
        """The next character that is not blank, left where it is; empty at the end."""
        while True:
            while self._position < len(self._text):
                character = self._text[self._position]
                if character not in _BLANK:
                    return character
                self._position += 1
            if self._ended:
                return ""
            self._read_on()

    def expect(self, wanted: str) -> str:
        """Take the next character, one of those ``wanted``; an empty text wants the end."""
        character = self.next_character()
        if character not in wanted or (wanted and not character):
            found = repr(character) if character else "the end"
            place = self._passed + self._position
            raise ValueError(f"{found} at character {place} in the place of {wanted or 'the end'}")
        self._position += len(character)
        return character

    def value(self) -> Any:
        """Take the next value whole."""
        self.next_character()
        while True:
            try:
                found, end = self._decode(self._text, self._position)
            except json.JSONDecodeError as error:
                # A text says where it began, everything else where it went wrong.
                cut = error.msg.startswith("Unterminated string") or error.pos > len(self._text) - _CUT
                if self._ended or not cut:
                    place = self._passed + error.pos
                    raise ValueError(f"{error.msg} at character {place}") from error
            else:
                if self._ended or end < len(self._text) - _CUT:
                    self._position = end
                    return found
            self._read_on()

    def _read_on(self) -> None:
        """Read another piece; as much again as there is, so that a long value is not begun too often."""
        left = self._text[self._position :]
        piece = self._stream.read(max(PIECE_BYTES, len(left)))
        self._passed += self._position
        self._text, self._position = left + self._characters.decode(piece, final=not piece), 0
        self._ended = not piece


def _values_at(reader: _Reader, keys: Sequence[str]) -> Iterator[Any]:
    """Take the next value, and yield what stands in it where the keys lead."""
    if not keys:
        yield reader.value()
        return
    opening = reader.next_character()
    if opening == "[":
        for _ in _entries(reader, "[]"):
            yield from _values_at(reader, keys[1:]) if keys[0] == "item" else _pass_over(reader)
    elif opening == "{":
        for _ in _entries(reader, "{}"):
            if reader.next_character() != '"':
                reader.expect('"')
            key = reader.value()
            reader.expect(":")
            yield from _values_at(reader, keys[1:]) if keys[0] == key else _pass_over(reader)
    else:
        reader.value()


def _pass_over(reader: _Reader) -> Iterator[Any]:
    """Take the next value, a list entry by entry, and yield nothing."""
    if reader.next_character() == "[":
        for _ in _entries(reader, "[]"):
            reader.value()
    else:
        reader.value()
    yield from ()


def _entries(reader: _Reader, brackets: str) -> Iterator[None]:
    """Take the brackets and commas of a list or an object; whoever asks takes the entries between them."""
    opening, closing = brackets[0], brackets[1]
    reader.expect(opening)
    if reader.next_character() == closing:
        reader.expect(closing)
        return
    going = True
    while going:
        yield
        going = reader.expect("," + closing) == ","
