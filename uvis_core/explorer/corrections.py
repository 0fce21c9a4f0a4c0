"""Corrections as they are made: a file that is whole after every action, and what takes an action back."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock

from uvis_core.io.corrections import Correction, Verdict, read_corrections, write_corrections
from uvis_core.io.errors import UserError

UNDO_STEPS = 1000


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
            UserError: A rename names no class of the run, or another verdict one; or the file cannot be written.
        """
        if (verdict == "rename") != bool(class_name) or class_name not in {"", *self._names}:
            raise UserError(
                f"verdict {verdict} with class {class_name!r}",
                fix=f"rename, and only that, to one of {sorted(self._names)}",
            )
        return self._change(dict.fromkeys(map(int, mask_ids), Correction(verdict, class_name)))

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
