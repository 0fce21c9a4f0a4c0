"""The labelled frames of a split, read at random places of one memory-mapped file."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from uvis_core.io.errors import UserError
from uvis_core.io.schemas.samples import CLASSES_KEY, COUNTS_KEY, SAMPLES
from uvis_core.io.table_checks import MADE_AGAIN, check_schema, class_names, json_entry
from uvis_core.io.tables import reading, texts_of

OBJECT = {1: "object"}
"""The one class where none is told apart."""


@dataclass(frozen=True)
class LabelledFrame:
    """One frame and its labels.

    Attributes:
        path: The image, from the working directory or absolute.
        size: Height and width in pixels.
        classes: int64 (N,), class indices.
        rle_counts: N run-length texts.
    """

    path: str
    size: tuple[int, int]
    classes: np.ndarray
    rle_counts: list[str]


class LabelledFrames:
    """The frames of all videos, those without any label included: they teach what is no object.

    Nothing is copied out of the file but one number per video and the frame that is asked for, so that all processes
    of a machine share the file's pages. A forked process goes on with the same pages; a pickle holds the path alone.

    Args:
        path: Arrow file of the schema ``SAMPLES``.
        class_agnostic: Count all labels as one class, "object" of id 1.

    Raises:
        UserError: The file cannot be used, or holds no label at all.
    """

    def __init__(self, path: Path | str, *, class_agnostic: bool = False) -> None:
        self.path, self.class_agnostic = Path(path), class_agnostic
        with reading(path), pa.memory_map(str(path)) as source:
            table = pa.ipc.open_file(source, options=pa.ipc.IpcReadOptions(use_threads=False)).read_all()
        check_schema(path, table.schema, SAMPLES)
        metadata = texts_of(table.schema.metadata)
        counts = json_entry(path, metadata, COUNTS_KEY, dict)
        if not len(table):
            raise UserError(f"{path}: holds no frame to train on", fix="give frames to gather_samples.py")
        if not counts.get("kept"):
            verdicts = ", ".join(f"{reason} {number}" for reason, number in counts.items())
            raise UserError(
                f"{path}: holds no label to train on; candidates by verdict: {verdicts}",
                fix="lower the threshold that removed most",
            )
        names = class_names(path, metadata, CLASSES_KEY)
        if class_agnostic:
            names = OBJECT
        self.class_ids, self.class_names = tuple(names), tuple(names.values())
        self._columns = {name: table[name] for name in table.column_names}
        _check_order(path, table)
        self.starts = _video_starts(table["video"])

    def __reduce__(self) -> tuple[partial["LabelledFrames"], tuple[Path]]:
        return partial(LabelledFrames, class_agnostic=self.class_agnostic), (self.path,)

    @property
    def videos(self) -> int:
        """How many videos there are."""
        return len(self.starts) - 1

    def length(self, video: int) -> int:
        """How many frames a video has."""
        return int(self.starts[video + 1] - self.starts[video])

    def size(self, video: int) -> tuple[int, int]:
        """Height and width in pixels of a video's frames."""
        row = int(self.starts[video])
        return self._value("height_px", row), self._value("width_px", row)

    def frame(self, video: int, place: int) -> LabelledFrame:
        """The frame at a place of a video, counted from 0."""
        row = int(self.starts[video]) + place
        class_ids = self._cell("class_ids", row).values.to_numpy()
        if self.class_agnostic:
            classes = np.zeros(len(class_ids), dtype=np.int64)
        else:
            classes = np.searchsorted(self.class_ids, class_ids)
        return LabelledFrame(
            self._value("path", row),
            (self._value("height_px", row), self._value("width_px", row)),
            classes,
            self._value("rle_counts", row),
        )

    def _value(self, column: str, row: int) -> Any:
        return self._cell(column, row).as_py()

    def _cell(self, column: str, row: int) -> Any:
        """One value, looked at first: a damaged list that reaches beyond the file would end the process."""
        piece = self._columns[column].slice(row, 1)
        with reading(self.path):
            piece.validate(full=True)
        return piece[0]


def _check_order(path: Path | str, table: pa.Table) -> None:
    """See that videos are counted from 0 without a gap, and that the frames of each lie in order."""
    last = (-1, -1)
    for pair in zip(table["video"].chunks, table["frame_index"].chunks, strict=True):
        videos, frames = (chunk.to_numpy() for chunk in pair)
        steps, later = np.diff(videos, prepend=last[0]), np.diff(frames, prepend=last[1]) > 0
        if ((steps != 1) & ((steps != 0) | ~later)).any():
            raise UserError(f"{path}: its frames are not in the order of videos and frames", fix=MADE_AGAIN)
        last = (videos[-1], frames[-1])


def _video_starts(videos: pa.ChunkedArray) -> np.ndarray:
    """The row of each video's first frame, and the number of rows: int64 (videos + 1,)."""
    starts, row, last = [], 0, -1
    for chunk in videos.chunks:
        numbers = chunk.to_numpy()
        starts.append(row + np.flatnonzero(np.diff(numbers, prepend=last)))
        row, last = row + len(numbers), numbers[-1]
    return np.concatenate([*starts, [row]]).astype(np.int64)
