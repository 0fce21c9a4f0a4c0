"""The frames of one shard in the order of their videos' names, found by video and number."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from uvis_core.io.row_groups import RowGroups
from uvis_core.io.schemas.frames import FRAMES


@dataclass(frozen=True)
class FrameIndex:
    """F frames, by video name, then by frame index.

    Attributes:
        names: Names of the videos, ascending.
        rows: int64 (F,) rows of the frames table.
        videos: int32 (F,) positions in ``names``.
        frame_indices: int32 (F,).
        heights_px: int32 (F,).
        widths_px: int32 (F,).
    """

    names: pa.StringArray
    rows: np.ndarray
    videos: np.ndarray
    frame_indices: np.ndarray
    heights_px: np.ndarray
    widths_px: np.ndarray

    def places(self, video_ids: pa.DictionaryArray, frame_indices: np.ndarray) -> np.ndarray:
        """Where frames stand here, int64 (N,); -1 where they do not.

        Args:
            video_ids: N names.
            frame_indices: int32 (N,).
        """
        known = pc.index_in(video_ids.dictionary, value_set=self.names).fill_null(-1).to_numpy()
        videos = known[video_ids.indices.to_numpy()]
        span = max(self.frame_indices.max(initial=-1), frame_indices.max(initial=-1)) + 1
        keys, wanted = (
            a.astype(np.int64) * span + b
            for a, b in ((self.videos, self.frame_indices), (videos, frame_indices))
        )
        places = np.searchsorted(keys, wanted)
        found = np.append(keys, -1)[places] == wanted
        return np.where(found & (videos >= 0), places, -1)

    def length(self, video_id: str) -> int:
        """How many frames of a video there are."""
        return int((self.videos == pc.index(self.names, video_id).as_py()).sum())


def read_frame_index(frames: Path | str) -> FrameIndex:
    """Read everything but the paths of a frames table.

    Raises:
        UserError: It cannot be read.
    """
    table = RowGroups(frames, FRAMES).read(["video_id", "frame_index", "height_px", "width_px"])
    encoded = table["video_id"].unify_dictionaries().combine_chunks()
    by_name = pc.sort_indices(encoded.dictionary)
    videos = np.argsort(by_name).astype(np.int32)[encoded.indices.to_numpy()]
    frame_indices, heights, widths = (column.to_numpy() for column in table.columns[1:])
    rows = np.lexsort((frame_indices, videos))
    return FrameIndex(
        encoded.dictionary.take(by_name), rows, *(a[rows] for a in (videos, frame_indices, heights, widths))
    )
