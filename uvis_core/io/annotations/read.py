"""Annotations of whatever kind a path leads to."""

from pathlib import Path

from uvis_core.io.annotations.davis import read_davis
from uvis_core.io.annotations.model import Annotations
from uvis_core.io.annotations.table import read_truth_table
from uvis_core.io.annotations.ytvis import read_ytvis


def read_foreign(path: Path | str) -> Annotations:
    """Read a json in YTVIS or OVIS layout, or a folder of DAVIS annotations.

    Raises:
        UserError: They cannot be used; names the entry.
    """
    return read_davis(path) if Path(path).is_dir() else read_ytvis(path)


def read_annotations(path: Path | str) -> Annotations:
    """Read a table of truth, or foreign annotations.

    Raises:
        UserError: They cannot be used; names the entry.
    """
    return read_truth_table(path) if Path(path).suffix == ".parquet" else read_foreign(path)
