"""Corrections of single labels by hand: a csv that is whole after every action, and what takes an action back."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Literal, get_args

from uvis_core.io.atomic import atomic_path
from uvis_core.io.errors import UserError

HEADER = ("mask_id", "verdict", "class")
Verdict = Literal["accept", "reject", "rename"]
UNDO_STEPS = 1000


@dataclass(frozen=True)
class Correction:
    """What a person says of one label.

    Attributes:
        verdict: accept: it is a label, whatever the thresholds say; reject: it is none; rename: it is one, of another
            class.
        class_name: Of a rename, its class; else empty.
    """

    verdict: Verdict
    class_name: str = ""


class Corrections:
    """The corrections of a run. Every action is on the disk when it returns.

    Another process may write the same file: what it wrote is taken over before the next action.

    Args:
        path: The csv; made by the first action.
        class_names: The classes that a label can be renamed to.

    Raises:
        UserError: The file is there and cannot be used; names the line.
    """

    def __init__(self, path: Path | str, class_names: Iterable[str]) -> None:
        self.path = Path(path)
        self.version = 0
        self._names = frozenset(class_names)
        self._lock = Lock()
        self._undo: list[dict[int, Correction | None]] = []
        self._state = self._on_disk()
        self._entries = read_corrections(self.path, self._names) if self._state else {}

    @property
    def entries(self) -> Mapping[int, Correction]:
        """Correction by mask id, in the order in which they were made."""
        return self._entries

    @property
    def undoable(self) -> int:
        """How many actions can be taken back."""
        return len(self._undo)

    def apply(self, mask_ids: Iterable[int], verdict: Verdict, class_name: str = "") -> int:
        """Say one thing of some labels, in place of what was said of them before.

        Returns:
            Of how many labels.

        Raises:
            UserError: A rename names no class of the run, or the file cannot be written.
        """
        correction = _checked(verdict, class_name, self._names)
        return self._change({int(mask_id): correction for mask_id in mask_ids})

    def remove(self, mask_ids: Iterable[int]) -> int:
        """Say nothing of some labels any more; how many had a correction."""
        return self._change({int(one): None for one in mask_ids if int(one) in self._entries})

    def undo(self) -> int:
        """Take the last action back; of how many labels it was, 0 where there is none to take back."""
        with self._lock:
            if not self._undo:
                return 0
            self._take_over()
            before = self._undo[-1]
            self._write(before)
            self._undo.pop()
            return len(before)

    def _change(self, changes: Mapping[int, Correction | None]) -> int:
        if not changes:
            return 0
        with self._lock:
            self._take_over()
            before = {mask_id: self._entries.get(mask_id) for mask_id in changes}
            self._write(changes)
            self._undo = [*self._undo, before][-UNDO_STEPS:]
        return len(changes)

    def _write(self, changes: Mapping[int, Correction | None]) -> None:
        """Change entries, on the disk first: an action that cannot be written has not happened."""
        entries = {mask_id: found for mask_id, found in self._entries.items() if mask_id not in changes}
        entries |= {mask_id: found for mask_id, found in changes.items() if found is not None}
        write_corrections(self.path, entries)
        self._entries, self._state = entries, self._on_disk()
        self.version += 1

    def _take_over(self) -> None:
        """Read the file again where somebody else has written it."""
        state = self._on_disk()
        if state != self._state:
            self._entries = read_corrections(self.path, self._names) if state else {}
            self._state = state

    def _on_disk(self) -> tuple[int, int, int] | None:
        if not self.path.is_file():
            return None
        found = self.path.stat()
        return found.st_ino, found.st_mtime_ns, found.st_size


def write_corrections(path: Path | str, entries: Mapping[int, Correction]) -> None:
    """Write corrections by mask id, atomically.

    Raises:
        UserError: The file cannot be written.
    """
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows((mask_id, one.verdict, one.class_name) for mask_id, one in entries.items())


def read_corrections(path: Path | str, class_names: Iterable[str]) -> dict[int, Correction]:
    """Read what ``write_corrections`` wrote, or a person by hand; of two lines about one mask the later one counts.

    Args:
        path: The csv.
        class_names: The classes that a label can be renamed to.

    Raises:
        UserError: The file or a line of it cannot be used; names the line.
    """
    names = frozenset(class_names)
    fix = f"write {','.join(HEADER)} as the first line, then lines such as 123,reject, or 123,rename,NAME"
    entries: dict[int, Correction] = {}
    try:
        with Path(path).open(encoding="utf-8", newline="") as stream:
            reader = csv.reader(stream)
            header = next(reader, None)
            if header is None or tuple(header) != HEADER:
                raise UserError(f"{path}: the first line is {header}", fix=fix)
            for row in reader:
                where = f"{path}, line {reader.line_num}"
                if len(row) != len(HEADER) or not row[0].lstrip("-").isdecimal():
                    raise UserError(f"{where}: {row} is no correction", fix=fix)
                try:
                    correction = _checked(row[1], row[2], names)
                except UserError as error:
                    raise UserError(f"{where}: {error.message}", fix=error.fix) from error
                entries.pop(int(row[0]), None)
                entries[int(row[0])] = correction
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path}: cannot be read as corrections ({error})", fix=fix) from error
    return entries


def _checked(verdict: str, class_name: str, names: frozenset[str]) -> Correction:
    for known in get_args(Verdict):
        if verdict == known:
            if (known == "rename") != bool(class_name):
                raise UserError(
                    f"verdict {verdict!r} with class {class_name!r}",
                    fix="give a class to rename, and only to rename",
                )
            if class_name and class_name not in names:
                raise UserError(
                    f"class {class_name!r} is not one of the run's", fix=f"name one of {sorted(names)}"
                )
            return Correction(known, class_name)
    raise UserError(f"verdict {verdict!r} is not known", fix=f"write one of {', '.join(get_args(Verdict))}")
