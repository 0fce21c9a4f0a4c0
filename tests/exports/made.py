"""Tables of two shards: video b with two kept labels and one removed crop, and two tracks; video a with none."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.labels.made import HEIGHT, WIDTH, frames, masks
from uvis_core.io.rle import encode_masks
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.schemas.truth import TRUTH
from uvis_core.io.tables import write_table

NAMES = {4: "star", 7: "ring"}
LENGTHS = {"b": 3, "a": 2}
OBJECTNESS = {5: 0.9, 6: 0.5, 8: 0.75}


@dataclass(frozen=True)
class Shards:
    """Tables of both shards, b's first."""

    labels: list[Path]
    masks: list[Path]
    tracks: list[Path]
    frames: list[Path]


def write_shards(folder: Path) -> Shards:
    """Write them into a folder."""
    ids, at = list(OBJECTNESS), [0, 2, 2]
    labels = {
        "mask_id": ids,
        "video_id": ["b"] * 3,
        "frame_index": at,
        "class_id": [4, 7, 4],
        "objectness": list(OBJECTNESS.values()),
        "class_score": [0.8] * 3,
        "similarity": [0.9] * 3,
        "kept": [True, False, True],
        "reason": ["kept", "objectness", "kept"],
    }
    small, large = encode_masks(np.array([np.eye(HEIGHT, WIDTH), np.ones((HEIGHT, WIDTH))], dtype=bool))
    tracks = {
        "video_id": ["b"] * 3,
        "track_id": [0, 0, 1],
        "class_id": [7, 7, 4],
        "score": [0.75, 0.75, 0.5],
        "frame_index": [0, 2, 1],
        "rle_counts": [small, large, large],
        "height_px": [HEIGHT] * 3,
        "width_px": [WIDTH] * 3,
    }
    made: dict[str, list[Path]] = {}
    for video, length in LENGTHS.items():
        for schema, columns in (
            (FRAMES, frames(video, length)),
            (MASKS, masks(ids, at, list(OBJECTNESS.values()), "b")),
            (LABELS, labels),
            (TRACKS, tracks),
        ):
            own: dict[str, Any] = columns
            if video == "a" and schema is not FRAMES:
                own = {name: value[:0] for name, value in columns.items()}
            path = folder / f"{schema.name}-{video}.parquet"
            write_table(path, schema, own)
            made.setdefault(schema.name, []).append(path)
    return Shards(made["labels"], made["masks"], made["tracks"], made["frames"])


def write_truth(path: Path, numbers: dict[str, int], lengths: dict[str, int]) -> Path:
    """A truth table of videos without objects."""
    columns = {
        "video_id": list(numbers),
        "number": list(numbers.values()),
        "height_px": [HEIGHT] * len(numbers),
        "width_px": [WIDTH] * len(numbers),
        "frames": [lengths[name] for name in numbers],
        "objects": [[] for _ in numbers],
    }
    write_table(path, TRUTH, columns)
    return path
