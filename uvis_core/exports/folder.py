"""Exports of many files: a folder that is whole if its index is there."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from uvis_core.exports.content import Content
from uvis_core.exports.json_stream import write_items
from uvis_core.io.errors import UserError, machine_error

INDEX = "index.json"
PARTIAL = ".partial-"


def write_folder(
    index: Path | str, name: str, write: Callable[[Path, Content], None], content: Content
) -> None:
    """Write an export beside its folder and let it take the folder's place, files of an earlier export included.

    Args:
        index: ``index.json`` in the folder: the format, labels or tracks, and the names of all other files, in order.
        name: Of the format.
        write: Its writer, which fills an empty folder.
        content: What is written.

    Raises:
        UserError: As ``write``, or the index has another name.
        MachineError: The disk is full or the folder cannot be written.
    """
    index = Path(index)
    if index.name != INDEX:
        raise UserError(
            f"{index}: {name} is a folder of files", fix=f"name its index, such as {index.parent / INDEX}"
        )
    with _replaced(index.parent) as folder:
        write(folder, content)
        # An index outlives a power failure, and so must the files that it names: once for all of them.
        os.sync()
        with (folder / INDEX).open("w", encoding="utf-8") as stream:
            stream.write(f'{{"format": "{name}", "of": "{content.of}", "files": [')
            write_items(stream, (json.dumps(path) for path in _files_of(folder) if path != INDEX))
            stream.write("\n]}\n")


def final_folder(folder: Path) -> Path:
    """Where a folder that a writer is filling will stand, absolute."""
    return folder.with_name(folder.name.removeprefix(PARTIAL)).absolute()


def _files_of(folder: Path) -> Iterator[str]:
    """Names of all files below a folder, relative to it; links are files."""
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            yield Path(place, name).relative_to(folder).as_posix()


@contextmanager
def _replaced(folder: Path) -> Iterator[Path]:
    """Yield an empty folder beside another one, whose place it takes when the block succeeds."""
    partial = folder.with_name(PARTIAL + folder.name)
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        yield partial
        if folder.exists():
            shutil.rmtree(folder)
        partial.rename(folder)
    except OSError as error:
        raise machine_error(folder, "cannot be written", error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
