"""The tables of a split, and which of them hold a video."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from uvis_core.io.errors import UserError
from uvis_core.io.schemas.base import TableSchema
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.truth import TRUTH
from uvis_core.io.table_checks import check_schema, check_values
from uvis_core.io.tables import read_table, reading


@dataclass(frozen=True)
class SplitFiles:
    """Files of one split; what it lacks is empty or None.

    Attributes:
        frames: Tables of schema frames, one per shard.
        masks: Tables of schema masks, in the same order of shards.
        labels: Tables of schema labels, likewise.
        crops: Tables of schema crops, likewise.
        tracks: Tables of schema tracks, likewise.
        truth: Table of schema truth.

    Raises:
        UserError: A stage has more or fewer tables than there are shards.
    """

    frames: Sequence[str]
    masks: Sequence[str] = ()
    labels: Sequence[str] = ()
    tracks: Sequence[str] = ()
    truth: str | None = None
    crops: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name in ("masks", "labels", "tracks", "crops"):
            if len(paths := getattr(self, name)) not in (0, len(self.frames)):
                raise UserError(
                    f"{len(paths)} {name} tables stand beside {len(self.frames)} frames tables",
                    fix=f"give the {name} tables of all shards, in the order of the frames tables",
                )

    @cached_property
    def _videos(self) -> list[pa.StructArray]:
        """Name and number of frames of each video, an array per shard."""
        return [pc.value_counts(read_table(path, FRAMES, ["video_id"])["video_id"]) for path in self.frames]

    @cached_property
    def video_ids(self) -> pa.ChunkedArray:
        """The videos of the split, one chunk per shard."""
        return pa.chunked_array([shard.field("values") for shard in self._videos], type=pa.string())

    @cached_property
    def frame_counts(self) -> np.ndarray:
        """Number of frames of each of ``video_ids``, int64."""
        counts = [shard.field("counts").to_numpy() for shard in self._videos]
        return np.concatenate([np.zeros(0, np.int64), *counts])

    def rows(self, paths: Sequence[str], schema: TableSchema, video_id: str) -> pa.Table:
        """Rows of one video of the split, from the table of its shard.

        Args:
            paths: Tables of one stage.
            schema: Theirs.
            video_id: One of ``video_ids``.
        """
        return read_table(paths[self.shard_of(video_id)], schema, video_id=video_id)

    def shard_of(self, video_id: str) -> int:
        """Which of a stage's tables holds a video of the split."""
        ends = np.cumsum([len(shard) for shard in self.video_ids.chunks])
        return int(np.searchsorted(ends, pc.index(self.video_ids, video_id).as_py(), side="right"))

    def true_video(self, video_id: str) -> Mapping[str, Any] | None:
        """The truth's row of a video; None where there is none."""
        if self.truth is None:
            return None
        return next(iter(read_table(self.truth, TRUTH, video_id=video_id).to_pylist()), None)


def rows_where(path: str, schema: TableSchema, columns: Sequence[str], chosen: pc.Expression) -> pa.Table:
    """Some columns of the rows that an expression chooses; others are left out while the table is read.

    Raises:
        UserError: The table is missing, damaged or of another schema.
    """
    with reading(path):
        check_schema(path, pq.read_schema(path), schema)
        table = pq.read_table(
            path, columns=list(columns), filters=chosen, partitioning=None, page_checksum_verification=True
        )
    check_values(path, table)
    return table
