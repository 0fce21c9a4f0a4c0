"""The tables of a split, and which of them hold a video."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from uvis_core.io.errors import UserError
from uvis_core.io.schemas.base import TableSchema
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.truth import TRUTH
from uvis_core.io.tables import read_table


@dataclass(frozen=True)
class SplitFiles:
    """Files of one split; what it lacks is empty or None.

    Attributes:
        frames: Tables of schema frames, one per shard.
        masks: Tables of schema masks, in the same order of shards.
        labels: Tables of schema labels, likewise.
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

    def __post_init__(self) -> None:
        for name in ("masks", "labels", "tracks"):
            if len(paths := getattr(self, name)) not in (0, len(self.frames)):
                raise UserError(
                    f"{len(paths)} {name} tables stand beside {len(self.frames)} frames tables",
                    fix=f"give the {name} tables of all shards, in the order of the frames tables",
                )

    @cached_property
    def video_ids(self) -> pa.ChunkedArray:
        """The videos of the split, one chunk per shard."""
        shards = [read_table(path, FRAMES, ["video_id"])["video_id"].unique() for path in self.frames]
        return pa.chunked_array(shards, type=pa.string())

    def rows(self, paths: Sequence[str], schema: TableSchema, video_id: str) -> pa.Table:
        """Rows of one video of the split, from the table of its shard.

        Args:
            paths: Tables of one stage.
            schema: Theirs.
            video_id: One of ``video_ids``.
        """
        ends = np.cumsum([len(shard) for shard in self.video_ids.chunks])
        shard = np.searchsorted(ends, pc.index(self.video_ids, video_id).as_py(), side="right")
        return read_table(paths[shard], schema, video_id=video_id)

    def true_video(self, video_id: str) -> Mapping[str, Any] | None:
        """The truth's row of a video; None where there is none."""
        if self.truth is None:
            return None
        return next(iter(read_table(self.truth, TRUTH, video_id=video_id).to_pylist()), None)
