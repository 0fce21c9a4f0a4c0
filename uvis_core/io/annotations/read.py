"""Annotations of whatever kind a path leads to."""

from collections.abc import Mapping
from pathlib import Path

from uvis_core.io.annotations.cvat import read_cvat
from uvis_core.io.annotations.davis import read_davis
from uvis_core.io.annotations.kinds import is_cvat
from uvis_core.io.annotations.model import Annotations
from uvis_core.io.annotations.table import read_truth_table
from uvis_core.io.annotations.ytvis import read_ytvis


def read_foreign(path: Path | str, class_ids: Mapping[str, int] | None = None) -> Annotations:
    """Read a json in YTVIS or OVIS layout, CVAT's xml or a folder of them, or a folder of DAVIS annotations.

    Args:
        path: The file or folder.
        class_ids: Ids by class name, for CVAT's files, which have names alone.

    Raises:
        UserError: They cannot be used; names the entry.
    """
    if is_cvat(path):
        return read_cvat(path, class_ids)
    return read_davis(path) if Path(path).is_dir() else read_ytvis(path)


def read_annotations(path: Path | str) -> Annotations:
    """Read a table of truth, or foreign annotations.

    Raises:
        UserError: They cannot be used; names the entry.
    """
    return read_truth_table(path) if Path(path).suffix == ".parquet" else read_foreign(path)
