"""The plan as a table: the videos of every shard, from which each job reads its own."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from uvis_core.frames.plan import Index, index_of, plan_shards, read_index, write_index
from uvis_core.frames.sources import VideoEntry
from uvis_core.io.errors import MachineError, UserError
from uvis_core.io.schemas.plan import PLAN
from uvis_core.io.table_checks import check_schema
from uvis_core.io.tables import read_table, reading, write_table


def update_plan(path: Path | str, entries: Sequence[VideoEntry], shards: int) -> Index:
    """Plan the videos of a split; the files are written only if the plan has changed.

    Args:
        path: The plan (Parquet); its index goes beside it, as JSON. The index is written last, so a plan without the
            index that belongs to it is made anew.
        entries: All videos, sorted by id.
        shards: Largest number of shards.

    Raises:
        UserError: ``shards`` is less than one, or the plan cannot be written.
    """
    path = Path(path)
    planned = plan_shards(entries, shards)
    index = index_of(planned)
    index_path = path.with_suffix(".json")
    if read_index(index_path) != index or not _is_readable(path):
        _write_plan(path, planned)
        write_index(index_path, index)
    return index


def _is_readable(path: Path) -> bool:
    """Whether a plan is there, whole and of this version."""
    try:
        with reading(path):
            check_schema(path, pq.read_schema(path), PLAN)
    except MachineError:
        raise
    except UserError:
        return False
    return True


def _write_plan(path: Path, planned: Mapping[str, Sequence[VideoEntry]]) -> None:
    rows = [(name, entry) for name, entries in planned.items() for entry in entries]
    write_table(
        path,
        PLAN,
        {
            "shard": [name for name, _ in rows],
            "video_id": [entry.video_id for _, entry in rows],
            "kind": [entry.kind for _, entry in rows],
            "path": [entry.path for _, entry in rows],
            "file_names": [list(entry.file_names) for _, entry in rows],
            "state": [entry.state for _, entry in rows],
            "number": [entry.number for _, entry in rows],
            "height_px": [entry.height_px for _, entry in rows],
            "width_px": [entry.width_px for _, entry in rows],
        },
    )


def read_shard(path: Path | str, shard: str) -> list[VideoEntry]:
    """The videos of one shard of a plan, in order.

    Raises:
        UserError: The plan cannot be read, or does not have such a shard.
    """
    rows = read_table(path, PLAN, shard=shard).to_pylist()
    if not rows:
        names = pc.unique(read_table(path, PLAN, ["shard"])["shard"]).to_pylist()
        raise UserError(
            f"{path}: has no shard {shard!r}; its shards are {', '.join(names)}",
            fix="name one of these, or run the workflow again so that it plans anew",
        )
    return [
        VideoEntry(
            row["video_id"],
            row["kind"],
            row["path"],
            tuple(row["file_names"]),
            row["state"],
            row["number"],
            row["height_px"],
            row["width_px"],
        )
        for row in rows
    ]
