"""Folders of pictures, each of which is a video of one frame."""

import logging
import os
from collections.abc import Callable, Iterator

from uvis_core.io.errors import is_the_machines, machine_error, printable

log = logging.getLogger("uvis")


def picture_id(inside: str, name: str) -> str:
    """The id of a picture: its path with ``/`` as ``%2F`` and ``%`` as ``%25``, so that no two paths share one.

    Args:
        inside: Its folder, relative to that of the source; empty where it lies there itself.
        name: Its file's name, suffix included.
    """
    path = f"{inside}/{name}" if inside else name
    return path.replace("%", "%25").replace("/", "%2F")


def pictures_below(root: str, wanted: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """All pictures in a folder, at any depth, folder by folder in the order of names; one folder's names are held.

    Hidden folders are left out, and links followed, except one that leads back to a folder around it.

    Args:
        root: The folder.
        wanted: Whether a file's name is that of a picture.

    Yields:
        Folder, relative to ``root``, and name.

    Raises:
        MachineError: The system does not list a folder.
    """
    pending = [("", frozenset[str]())]
    while pending:
        inside, around = pending.pop()
        path = f"{root.rstrip('/')}/{inside}" if inside else root
        real = os.path.realpath(path)
        if real in around:
            log.warning("%s: left out, a link that leads back to a folder around it", printable(path))
            continue
        folders = []
        for name, is_folder in sorted(_listed(path)):
            if is_folder and not name.startswith("."):
                folders.append((f"{inside}/{name}" if inside else name, around | {real}))
            elif not is_folder and wanted(name):
                yield inside, name
        pending += reversed(folders)


def _listed(folder: str) -> list[tuple[str, bool]]:
    """Every name in a folder, and whether it is a folder; nothing where there is no such folder."""
    try:
        with os.scandir(folder) as entries:
            # A link is looked at by its path, which answers also where it leads nowhere.
            return [
                (entry.name, os.path.isdir(entry.path) if entry.is_symlink() else entry.is_dir())  # noqa: PTH112
                for entry in entries
            ]
    except OSError as error:
        if is_the_machines(error):
            raise machine_error(folder, "cannot be listed", error) from error
        return []
