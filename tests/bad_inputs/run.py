"""The tables of a tiny run, one shard of one video, to be spoiled or handed to the wrong script."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.labels import made
from uvis_core.io.annotations.ytvis import read_ytvis
from uvis_core.io.atomic import write_json
from uvis_core.io.rle import encode_masks
from uvis_core.io.schemas.base import TableSchema
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.schemas.plan import PLAN
from uvis_core.io.schemas.prototypes import PROTOTYPES
from uvis_core.io.schemas.similarities import SIMILARITIES
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.tables import fixed_lists, write_table
from uvis_core.truth.write import write_truth

LENGTH = 3
SETTINGS = {
    "settings": '{"objectness": null, "class_score": null, "similarity": null, "min_area_share": null}'
}
SCHEMAS = {
    schema.name: schema for schema in (FRAMES, MASKS, CROPS, PROTOTYPES, SIMILARITIES, LABELS, TRACKS, PLAN)
}


def columns_of(video: str, first_id: int) -> dict[str, Mapping[str, Any]]:
    """Columns of every table: three frames, a mask in each, all of them kept and in one track."""
    ids, at = [first_id, first_id + 1, first_id + 2], [0, 1, 2]
    masks = made.masks(ids, at, [0.9] * 3, video)
    crops = made.crops(ids, at, [1] * 3, [0.8] * 3, video)
    shapes = encode_masks(np.ones((3, made.HEIGHT, made.WIDTH), dtype=bool))
    return {
        "frames": made.frames(video, LENGTH),
        "masks": masks,
        "crops": crops,
        "prototypes": {
            "class_id": [1],
            "prototype_id": [0],
            "centroid": fixed_lists(np.ones((1, 1)), pa.float32()),
            "members": [3],
            "mean_similarity": [1.0],
        },
        "similarities": made.similarities(ids, [1] * 3, [0.9] * 3),
        "labels": {
            "mask_id": ids,
            "video_id": [video] * 3,
            "frame_index": at,
            "class_id": [1] * 3,
            "objectness": [0.9] * 3,
            "class_score": [0.8] * 3,
            "similarity": [0.9] * 3,
            "kept": [True] * 3,
            "reason": ["kept"] * 3,
        },
        "tracks": {
            "video_id": [video] * 3,
            "track_id": [0] * 3,
            "class_id": [1] * 3,
            "score": [0.7] * 3,
            "frame_index": at,
            "rle_counts": shapes,
            "height_px": [made.HEIGHT] * 3,
            "width_px": [made.WIDTH] * 3,
        },
        "plan": {
            "shard": ["shard-00-of-01"],
            "video_id": [video],
            "kind": ["images"],
            "path": ["images"],
            "file_names": [[f"{number}.jpg" for number in at]],
            "state": [""],
            "number": [7],
            "height_px": [0],
            "width_px": [0],
        },
    }


class Run:
    """A folder with every table of a run, ``<name>.parquet``, its truth, results and class names.

    Args:
        folder: Gets the files.
        video: Name of the one video.
        first_id: Of its three masks.
        empty: Names of tables that are to have no rows.
    """

    def __init__(self, folder: Path, video: str = "v", first_id: int = 10, empty: Sequence[str] = ()) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for name, columns in columns_of(video, first_id).items():
            rows = {key: value[:0] for key, value in columns.items()} if name in empty else columns
            write_table(self[name], SCHEMAS[name], rows, SETTINGS if name == "labels" else None)
        write_json(folder / "truth.json", truth_of(video))
        write_truth(self["truth"], read_ytvis(folder / "truth.json"))
        write_json(folder / "results.json", [])
        (folder / "classes.txt").write_text("star\n", encoding="utf-8")

    def __getitem__(self, name: str) -> Path:
        """Path of a table."""
        return self.folder / f"{name}.parquet"

    def flags(self, *names: str, **others: object) -> list[object]:
        """``--name table`` for each name, and further flags with their values."""
        found: list[object] = []
        for name, value in {**{name: self[name] for name in names}, **others}.items():
            found += [f"--{name.replace('_', '-')}", value]
        return found


def truth_of(video: str) -> dict[str, Any]:
    """The video's annotations in YTVIS json, without objects."""
    entry = {"id": 7, "name": video, "height": made.HEIGHT, "width": made.WIDTH, "length": LENGTH}
    return {"videos": [entry], "categories": [{"id": 1, "name": "star"}], "annotations": []}


def rewritten(path: Path, change: Callable[[pa.Table], pa.Table]) -> Path:
    """Change a table behind the back of the project's writer."""
    pq.write_table(change(pq.read_table(path, partitioning=None)), path)
    return path


def with_column(name: str, values: Any, schema: TableSchema) -> Callable[[pa.Table], pa.Table]:
    """A change that puts other values into a column, in the type that the schema gives it."""

    def change(table: pa.Table) -> pa.Table:
        field = schema.columns.field(name).with_nullable(True)
        return table.set_column(table.column_names.index(name), field, pa.array(values, field.type))

    return change
