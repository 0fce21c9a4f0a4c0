"""Readers of tables and of samples of training."""

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from tests.fuzz.damage import damaged_bytes
from tests.fuzz.target import Target
from tests.labels.made import crops, masks
from tests.training.made import frame, write_frames
from uvis_core.frames.plan_file import read_shard, update_plan
from uvis_core.frames.sources import VideoEntry
from uvis_core.io.annotations.table import read_truth_table
from uvis_core.io.overlaps import tube_ious
from uvis_core.io.rle import encode_masks
from uvis_core.io.row_groups import RowGroups
from uvis_core.io.samples import check_samples
from uvis_core.io.schemas.base import TableSchema
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.schemas.truth import CLASSES_KEY, OCCLUSION_FAULT_KEY, TRUTH, WARNINGS_KEY
from uvis_core.io.tables import read_metadata, read_pieces, read_table, write_table
from uvis_core.training.samples import LabelledFrames

HEIGHT, WIDTH = 4, 6
ARROW_HEADER, PARQUET_FOOTER = 1200, 2500
"""Bytes of the files made here that hold what describes the others, about."""
COUNTS = encode_masks(np.eye(HEIGHT, WIDTH, dtype=bool)[None])[0]


@cache
def made(name: str) -> bytes:
    """The bytes of a whole table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        if name == "samples.arrow":
            rows = [
                frame(video, place, "a.jpg", (HEIGHT, WIDTH), [(1, COUNTS)])
                for video in (0, 1)
                for place in (0, 1)
            ]
            write_frames(path, rows)
        elif name == "plan.parquet":
            update_plan(
                path, [VideoEntry("a", "video", "a.mp4"), VideoEntry("b", "images", "b", ("0.jpg",))], 1
            )
        elif name == "masks.parquet":
            write_table(path, MASKS, masks([3, 4, 5], [0, 0, 1], [0.5, 0.6, 0.7]), {"settings": "{}"})
        elif name == "crops.parquet":
            write_table(path, CROPS, crops([3, 4, 5], [0, 0, 1], [1, 2, 1], [0.5, 0.6, 0.7]))
        else:
            write_table(
                path,
                TRUTH,
                truth_columns(),
                {CLASSES_KEY: '{"1": "a"}', WARNINGS_KEY: "[]", OCCLUSION_FAULT_KEY: ""},
            )
        return path.read_bytes()


def truth_columns() -> dict[str, list[object]]:
    """One video with one object."""
    tube = {"frame_index": [0, 2], "rle_counts": [COUNTS, COUNTS]}
    entry = {"object_id": "1", "class_id": 1, "crowd": False, "mean_area_px": 4.0, "occlusion": -1.0, **tube}
    return {
        "video_id": ["a"],
        "number": [1],
        "height_px": [HEIGHT],
        "width_px": [WIDTH],
        "frames": [3],
        "objects": [[entry]],
    }


def damaged(name: str) -> st.SearchStrategy[bytes]:
    """Damage to the whole of a table, and as much to what describes it."""
    content = made(name)
    first = 0 if name.endswith("arrow") else max(len(content) - PARQUET_FOOTER, 0)
    last = min(ARROW_HEADER, len(content) - 1) if name.endswith("arrow") else len(content) - 1
    return damaged_bytes(content, [(first, last)])


def read_all(path: Path, schema: TableSchema) -> None:
    """Every road by which a stage reads a table."""
    table = read_table(path, schema)
    table.validate(full=True)
    table.to_pylist()
    assert sum(piece.num_rows for piece in read_pieces(path, schema, ["mask_id"])) == table.num_rows
    groups = RowGroups(path, schema)
    assert sum(batch.num_rows for batch in groups.batches(["mask_id"])) == table.num_rows
    if table.num_rows:
        groups.take("video_id", np.arange(min(table.num_rows, 3)))
    read_metadata(path)


def read_truth(path: Path) -> None:
    annotations = read_truth_table(path)
    for video_id in annotations.videos:
        tubes = annotations.read(video_id).by_class().tubes
        tube_ious(tubes, tubes)


def read_samples(path: Path) -> None:
    check_samples(path)
    frames = LabelledFrames(path)
    for video in range(frames.videos):
        frames.size(video)
        for place in range(frames.length(video)):
            assert len(frames.frame(video, place).classes) >= 0


def table(file: str, read: Callable[[Path], object]) -> Target:
    """A target named by its file."""
    return Target(file.replace(".", "-"), file, lambda: damaged(file), read)


TARGETS = [
    table("masks.parquet", lambda path: read_all(path, MASKS)),
    table("crops.parquet", lambda path: read_all(path, CROPS)),
    table("truth.parquet", read_truth),
    table("plan.parquet", lambda path: read_shard(path, "shard-00-of-01")),
    table("samples.arrow", read_samples),
]
