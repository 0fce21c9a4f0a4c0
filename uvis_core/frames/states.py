"""The states of files: sizes and times, by which a source shows that it is no longer what was listed."""

import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path

from uvis_core.io.errors import is_the_machines, machine_error
from uvis_core.provenance import text_digest

State = tuple[int, int] | None
"""Size in bytes and time of the last change in nanoseconds; None for what is no readable file: a missing one, a
dangling link, a loop of links, a folder, a pipe."""


def file_state(path: Path | str) -> State:
    """The state of one file, links followed.

    Raises:
        MachineError: The system does not say.
    """
    try:
        status = os.stat(path)  # noqa: PTH116 - one of many
    except OSError as error:
        if is_the_machines(error):
            raise machine_error(path, "cannot be looked at", error) from error
        return None
    return (status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None


def names_in(folder: Path | str) -> list[str]:
    """Everything in a folder; nothing where there is no such folder.

    Raises:
        MachineError: The system does not say.
    """
    try:
        return os.listdir(folder)  # noqa: PTH208 - names, and no objects of millions of them
    except OSError as error:
        if is_the_machines(error):
            raise machine_error(folder, "cannot be listed", error) from error
        return []


def folder_states(folder: Path | str, wanted: Callable[[str], bool]) -> dict[str, State]:
    """The state of everything in a folder whose name is wanted; empty where there is no such folder.

    Raises:
        MachineError: The system does not say.
    """
    return {
        name: file_state(os.path.join(folder, name))  # noqa: PTH118 - one of many
        for name in names_in(folder)
        if wanted(name)
    }


def states_digest(states: Iterable[State]) -> str:
    """Digest of the states of a video's files, in their order."""
    return text_digest(repr(list(states)))
