"""Text files as users write them."""

import codecs
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

from uvis_core.io.errors import UserError, is_the_machines, machine_error

# Joiners, which words of Persian and of Indian languages hold; the other format characters are marks for programs.
SEEN = frozenset("\u200c\u200d")
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's categories of characters that no reader sees: control, format, halves of a character, line ends."""


@contextmanager
def open_file(path: Path | str, fix: str) -> Iterator[BinaryIO]:
    """Open a file for reading, after the byte order mark that it may begin with.

    Args:
        path: The file.
        fix: What to do where there is no such file.

    Raises:
        UserError: It is missing, or no file.
        MachineError: The system cannot read it.
    """
    try:
        # Opening a pipe that has a name would wait for its writer for ever; one that a shell hands over is open.
        handed_over = Path(path).parent == Path("/dev/fd")
        if not stat.S_ISREG(Path(path).stat().st_mode) and not handed_over:
            raise UserError(f"{path}: no file but a folder or a pipe", fix=fix)
        with Path(path).open("rb") as stream:
            if stream.peek(len(codecs.BOM_UTF8)).startswith(codecs.BOM_UTF8):
                stream.read(len(codecs.BOM_UTF8))
            yield stream
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file", fix=fix) from error
    except (OSError, MemoryError) as error:
        if is_the_machines(error):
            raise machine_error(path, "cannot be read", error) from error
        reason = error.strerror if isinstance(error, OSError) else error
        raise UserError(f"{path}: no file ({reason})", fix=fix) from error


def read_text(path: Path | str, fix: str) -> str:
    """Read a file in UTF-8; every line ends with a line feed.

    Args:
        path: The file.
        fix: What to do where there is no such file.

    Raises:
        UserError: As ``open_file``, or it is no text in UTF-8.
        MachineError: The system cannot read it.
    """
    try:
        with open_file(path, fix) as stream, TextIOWrapper(stream, encoding="utf-8") as text:
            return text.read()
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: is no text in UTF-8 ({error.reason})", fix="save it as UTF-8") from error


def unseen_character(text: str) -> str | None:
    """The first character of a text that no reader sees; None where there is none."""
    return next((one for one in text if unicodedata.category(one) in UNSEEN and one not in SEEN), None)
