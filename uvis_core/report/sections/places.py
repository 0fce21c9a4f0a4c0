"""Section of the places: where the results of the run lie."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Place:
    """A result: what it is, and its file or folder as the run was given it."""

    what: str
    path: str


def facts(
    tables: Mapping[str, Sequence[str]],
    files: Mapping[str, str | None],
    evaluations: Mapping[str, str],
    exports: Sequence[str],
) -> dict[str, Any]:
    """What the section shows.

    Args:
        tables: Paths of one stage's tables, by what they are.
        files: One file, by what it is; None where the run has none.
        evaluations: Figures by experiment.
        exports: Folders of foreign formats, a folder per format.
    """
    found = [Place(what, folder_of(paths)) for what, paths in tables.items() if paths]
    return {
        "table_places": found,
        "places": [
            *found,
            *(Place(what, path) for what, path in files.items() if path),
            *(Place(f"figures of {name}", path) for name, path in evaluations.items()),
        ],
        "exports": [Place(Path(path).name, f"{path}/") for path in exports],
    }


def folder_of(paths: Sequence[str]) -> str:
    """The folder of a stage's tables, which all lie in one; a table that is alone is named itself."""
    folders = {Path(path).parent for path in paths}
    return f"{folders.pop().as_posix()}/" if len(folders) == 1 and len(paths) > 1 else paths[0]
