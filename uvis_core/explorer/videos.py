"""The videos of a split: their frames, masks, tracks and truth, read video by video from the tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

import numpy as np
import pyarrow as pa

from uvis_core.explorer.run import SplitTables
from uvis_core.io.annotations.model import Annotations, VideoTruth
from uvis_core.io.annotations.table import read_truth_table
from uvis_core.io.errors import UserError
from uvis_core.io.images import read_image
from uvis_core.io.row_groups import RowGroups
from uvis_core.io.schemas.base import TableSchema
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.tables import read_table

VIDEOS_HELD, FRAMES_HELD = 8, 48
NO_VIDEO = "the page is older than the results: load it again"


@dataclass(frozen=True)
class Frames:
    """The T frames of a video.

    Attributes:
        indices: int (T,) as all tables count them, ascending.
        paths: Their images.
        times_s: float64 (T,).
    """

    indices: np.ndarray
    paths: Sequence[str]
    times_s: np.ndarray


class Videos:
    """Reads what is drawn; the last few videos and frames stay in memory. Paths come from the frames tables alone.

    Args:
        split: Its tables.

    Raises:
        UserError: A frames table is damaged; also by the methods, where another table or an image is.
    """

    def __init__(self, split: SplitTables) -> None:
        self.split = split
        self._shards: dict[str, int] = {}
        for shard, path in enumerate(split.tables["frames"]):
            names = RowGroups(path, FRAMES).read(["video_id"])["video_id"].unique().to_pylist()
            self._shards |= dict.fromkeys(names, shard)
        self.names = sorted(self._shards)
        self._lock = Lock()
        self._truth: Annotations | None = None
        self._masks: Mapping[int, RowGroups] = {}
        self._rows = lru_cache(6 * VIDEOS_HELD)(self._read_rows)
        self._image = lru_cache(FRAMES_HELD)(read_image)
        self.frames = lru_cache(VIDEOS_HELD)(self._frames)

    def name(self, number: int) -> str:
        """The name of a video by its number.

        Raises:
            UserError: There is no video of this number.
        """
        if not 0 <= number < len(self.names):
            raise UserError(f"split {self.split.name} has no video number {number}", fix=NO_VIDEO)
        return self.names[number]

    def image(self, name: str, place: int) -> np.ndarray:
        """A frame by its place in the video, uint8 (H, W, 3).

        Raises:
            UserError: The video has no such frame, or its image cannot be read.
        """
        paths = self.frames(name).paths
        if not 0 <= place < len(paths):
            raise UserError(f"video {name!r} has {len(paths)} frames, none at {place}", fix=NO_VIDEO)
        return self._image(paths[place])

    def masks(self, name: str) -> pa.Table:
        """Rows of table masks; none before that stage is finished."""
        return self._rows(name, "masks", "")

    def labels(self, name: str, variant: str) -> pa.Table:
        """Rows of table labels of one variant."""
        return self._rows(name, "labels", variant)

    def tracks(self, name: str, experiment: str) -> pa.Table:
        """Rows of table tracks of one experiment and seed."""
        return self._rows(name, "tracks", experiment)

    def truth(self, name: str) -> VideoTruth:
        """The annotated objects; none where the truth does not have the video."""
        with self._lock:
            if self._truth is None and self.split.truth is not None:
                self._truth = read_truth_table(self.split.truth)
            known = self._truth is not None and name in self._truth.by_name
            return self._truth.read(name) if self._truth is not None and known else VideoTruth()

    def run_lengths(self, shard: int, row: int) -> str:
        """Run lengths of one mask by its shard and its row of the masks table."""
        with self._lock:
            if shard not in self._masks:
                self._masks = {**self._masks, shard: RowGroups(self.split.tables["masks"][shard], MASKS)}
            return self._masks[shard].take("rle_counts", np.array([row], dtype=np.int64))[0].as_py()

    def _frames(self, name: str) -> Frames:
        table = self._read("frames", FRAMES, self.split.tables["frames"], name).sort_by("frame_index")
        columns = (table[column].to_numpy() for column in ("frame_index", "timestamp_s"))
        indices, times_s = columns
        return Frames(indices, table["path"].to_pylist(), times_s)

    def _read_rows(self, name: str, kind: str, variant: str) -> pa.Table:
        schema, paths = {
            "masks": (MASKS, self.split.tables.get("masks")),
            "labels": (LABELS, self.split.labels.get(variant)),
            "tracks": (TRACKS, self.split.tracks.get(variant)),
        }[kind]
        if not paths:
            raise UserError(f"split {self.split.name} has no {kind} {variant}".rstrip(), fix=NO_VIDEO)
        return self._read(kind, schema, paths, name)

    def _read(self, kind: str, schema: TableSchema, paths: Sequence[Path], name: str) -> pa.Table:
        if name not in self._shards:
            raise UserError(f"split {self.split.name} has no video {name!r}", fix=NO_VIDEO)
        return read_table(paths[self._shards[name]], schema, video_id=name)
