"""What a file of weights held when it was first fetched or used: its pin, against which every later use is checked.

Read while the workflow is parsed: nothing slow is imported here. A pin lies beside its file. It keeps size and time of
change too, so that gigabytes are read again only where one of these differs.
"""

import hashlib
import logging
import os
from pathlib import Path
from typing import Any

from uvis_core.io.atomic import read_json, write_json
from uvis_core.io.errors import UserError

log = logging.getLogger("uvis")


def pin_file(path: Path | str) -> Path:
    """Where the pin of a file lies."""
    path = Path(path)
    return path.with_name(f"{path.name}.pin.json")


def check_pinned(path: Path | str, published: str | None = None, source: str = "its publisher") -> None:
    """Refuse a file that is not the one it was at first; pin it where it has no pin yet.

    Costs a look at size and time of change where these are the pin's, else one reading of the file. Where the folder
    cannot be written, a file without a pin is left unchecked: there is nothing to compare with and nothing to keep.

    Args:
        path: The file.
        published: Its SHA-256, or the first digits of it, where it is published.
        source: Where it can be fetched again.

    Raises:
        UserError: Its content is another one; names the file, both hashes and the way out.
    """
    path = Path(path)
    pin = _read_pin(path)
    if pin and _marks(path).items() <= pin.items() and pin["sha256"].startswith(published or ""):
        return
    if os.access(path.parent, os.W_OK):
        verify(path, published, source)
    elif pin:
        refuse_change(path, hash_of(path))
        log.warning("%s: is read in whole at every use, until its pin can be renewed", path)


def verify(path: Path | str, published: str | None = None, source: str = "its publisher") -> str:
    """Read a file in whole, check it against its published hash and its pin, and renew the pin.

    Args:
        path: The file.
        published: Its SHA-256, or the first digits of it, where it is published.
        source: Where it can be fetched again.

    Returns:
        Its SHA-256.

    Raises:
        UserError: Its content is another one; names the file, both hashes and the way out.
    """
    path = Path(path)
    found = hash_of(path)
    if not found.startswith(published or ""):
        raise UserError(
            f"{path}: is not the published file: its SHA-256 is {found}, expected {published}",
            fix=f"delete it, so that it is fetched again from {source}",
        )
    refuse_change(path, found)
    write_pin(path, found)
    return found


def refuse_change(path: Path, found: str) -> None:
    """Compare a hash with the pin of the file, if it has one.

    Raises:
        UserError: They differ; names the file, both hashes and the way out.
    """
    pin = _read_pin(path)
    if pin and pin["sha256"] != found:
        raise UserError(
            f"{path}: is not what it was at first: its SHA-256 is {found}, pinned is {pin['sha256']}",
            fix=f"get the earlier file back; if the change is meant, delete {pin_file(path)}",
        )


def write_pin(path: Path, sha256: str) -> None:
    """Pin a file to its hash."""
    write_json(pin_file(path), {"sha256": sha256, **_marks(path)}, indent=1)


def hash_of(path: Path) -> str:
    """The SHA-256 of a file.

    Raises:
        UserError: It cannot be read, which says nothing about its content.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise UserError(
            f"{path}: cannot be read ({error.strerror or error})",
            fix="look at its permissions and at the disk or server that it lies on, and run again",
        ) from error


def _read_pin(path: Path) -> dict[str, Any] | None:
    pin = pin_file(path)
    return read_json(pin) if pin.exists() else None


def _marks(path: Path) -> dict[str, int]:
    """What changes when a file is written."""
    status = path.stat()
    return {"bytes": status.st_size, "modified_ns": status.st_mtime_ns}
