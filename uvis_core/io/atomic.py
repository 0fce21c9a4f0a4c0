"""Files that are either whole or absent: written beside themselves, then renamed."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from uvis_core.io.errors import NAME_FOLDERS, UserError, machine_error
from uvis_core.io.machine import is_gone, this_machine
from uvis_core.io.text import open_file

PARTIAL = re.compile(r"\.partial-([0-9a-f]{8})-([0-9]+)-[0-9a-f]{8}.*", re.DOTALL)
LONGEST_SUFFIX = 16


def partial_path(path: Path) -> Path:
    """A short name beside ``path`` to write under until it is whole: of this machine, process and path alone.

    It keeps a suffix, because writers choose their format by it; what is longer is a part of a name.
    """
    suffix = path.suffix if len(path.suffix) <= LONGEST_SUFFIX else ""
    return path.with_name(f".partial-{_digest(this_machine())}-{os.getpid()}-{_digest(path.name)}{suffix}")


def _digest(text: str) -> str:
    return hashlib.blake2b(os.fsencode(text), digest_size=4).hexdigest()


def remove_partials(folder: Path) -> None:
    """Remove the partial files and folders whose writers ran on this machine and are gone, killed in the middle."""
    machine = _digest(this_machine())
    with os.scandir(folder) as entries:
        writers = [found for entry in entries if (found := PARTIAL.fullmatch(entry.name))]
    for writer in writers:
        if writer[1] == machine and is_gone(int(writer[2])):
            remove(folder / writer[0])


def remove(path: Path) -> None:
    """Remove a file or folder, as far as the system lets us and nobody else has."""
    with suppress(OSError):
        path.unlink()
    shutil.rmtree(path, ignore_errors=True)


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path in the folder of ``path``; rename it to ``path`` when the block succeeds.

    If the block raises, the temporary file is removed and an older ``path`` stays as it was. What killed writers left
    in the folder is removed first.

    Raises:
        UserError: ``path`` is a folder.
        MachineError: The disk is full or the folder cannot be written.
    """
    path = Path(path)
    temporary = partial_path(path)
    try:
        if path.is_dir():
            raise UserError(f"{path}: is a folder, where a file is to be written", fix="name a file")
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_partials(path.parent)
        yield temporary
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        remove(temporary)
        if isinstance(error, FileNotFoundError | IsADirectoryError):
            raise
        raise machine_error(path, "cannot be written", error) from error
    except BaseException:
        remove(temporary)
        raise


def write_text(path: Path | str, text: str) -> None:
    """Write ``text`` as UTF-8, atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path | str, value: Any, *, indent: int | None = None) -> None:
    """Write ``value`` as JSON, atomically; NaN and infinities are refused (ValueError)."""
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8") as stream:
        json.dump(value, stream, indent=indent, allow_nan=False)
        stream.write("\n")


def read_json(path: Path | str) -> Any:
    """Read a JSON file.

    Raises:
        UserError: The file is missing or is not JSON; names the line.
        MachineError: The system cannot read it.
    """
    try:
        with open_file(path, "check the path in the configuration") as stream:
            content = stream.read()
        return json.loads(content.decode(), parse_constant=_refused)
    except MemoryError as error:
        raise machine_error(path, "cannot be read", error) from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: not valid JSON ({error})", fix="repair or rewrite the file") from error


def _refused(constant: str) -> None:
    """NaN and infinities, which Python would read though they are no JSON."""
    raise ValueError(f"{constant} is no number of JSON")


def read_json_object(path: Path | str, *keys: str) -> dict[str, Any]:
    """Read a JSON file that holds one object with at least these keys.

    Raises:
        UserError: As ``read_json``, or it holds something else.
        MachineError: As ``read_json``.
    """
    content = read_json(path)
    missing = [key for key in keys if not isinstance(content, dict) or key not in content]
    if missing or not isinstance(content, dict):
        raise UserError(
            f"{path}: holds no JSON object{' with ' * bool(missing)}{', '.join(missing)}",
            fix="give the file that the workflow has made for this",
        )
    return content


def check_output(path: Path | str) -> None:
    """See, before anything is computed for it, that a file can lie at ``path``.

    Raises:
        UserError: What is to be its folder, or holds that, is a file.
    """
    for parent in Path(path).parents:
        if parent.exists():
            if not parent.is_dir():
                raise UserError(f"{path}: cannot be written, as {parent} is a file", fix=NAME_FOLDERS)
            return
