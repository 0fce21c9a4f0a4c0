"""A video whose images are there and whose objects have holes, parts and overlaps, and a video with nothing in it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from PIL import Image

from tests.exports.made import Shards
from uvis_core.config.exports import Exported, ExportOptions
from uvis_core.exports.content import Content
from uvis_core.exports.labels import label_content
from uvis_core.exports.tracks import track_content
from uvis_core.io.rle import encode_masks, mask_areas
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.tables import fixed_lists, write_table

HEIGHT, WIDTH = 40, 56
NAMES = {2: "star & <ring>", 5: "cross"}
VIDEO, EMPTY = "v 1 <é>", "w"
FRAMES_OF = {VIDEO: 4, EMPTY: 2}


def ring(x: int) -> np.ndarray:
    """A disc with a hole in it."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    distance = np.hypot(rows - 18, columns - x)
    return (distance < 12) & (distance > 5)


def parts() -> np.ndarray:
    """A tall part and a small one, which overlap rings at the left."""
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[5:35, 20:28] = True
    mask[30:36, 44:52] = True
    return mask


# Track and class, score, and the mask in each frame that shows it.
TRUE_TRACKS: dict[int, tuple[int, float, dict[int, np.ndarray]]] = {
    3: (5, 0.5, {1: parts(), 2: parts()}),
    11: (2, 0.75, {0: ring(14), 1: ring(16), 3: ring(20)}),
}
# Mask id of the label, frame, class, mask.
TRUE_LABELS: dict[int, tuple[int, int, np.ndarray]] = {
    2**62 + 1: (0, 2, ring(14)),
    17: (1, 5, parts()),
    18: (1, 2, ring(30)),
}


@dataclass(frozen=True)
class World:
    """Its tables, and where its images lie."""

    shards: Shards
    images: Path

    def content(self, of: Exported, **options: Any) -> Content:
        """Labels or tracks, by options of ``ExportOptions``."""
        shared = (self.shards.frames, NAMES, None, self.images, None, ExportOptions(**options))
        if of == "labels":
            return label_content(self.shards.labels, self.shards.masks, *shared)
        return track_content(self.shards.tracks, *shared)


def write_world(folder: Path) -> World:
    """Write tables of one shard, and the images."""
    images = folder / "images"
    frames: dict[str, list[Any]] = {name: [] for name in FRAMES.columns.names}
    for name, count in FRAMES_OF.items():
        (images / name).mkdir(parents=True)
        for index in range(count):
            path = images / name / f"{index:05d}.png"
            Image.fromarray(np.full((HEIGHT, WIDTH, 3), 40 * index, dtype=np.uint8)).save(path)
            row = (name, index, str(path), HEIGHT, WIDTH, index / 4)
            for column, value in zip(frames, row, strict=True):
                frames[column].append(value)
    tracks = [
        (VIDEO, number, class_id, score, frame, counts(mask), HEIGHT, WIDTH)
        for number, (class_id, score, masks) in TRUE_TRACKS.items()
        for frame, mask in masks.items()
    ]
    count = len(TRUE_LABELS)
    texts = [counts(mask) for _, _, mask in TRUE_LABELS.values()]
    key = {
        "mask_id": list(TRUE_LABELS),
        "video_id": [VIDEO] * count,
        "frame_index": [frame for frame, _, _ in TRUE_LABELS.values()],
    }
    objectness = {"objectness": [0.9] * count}
    masks = {
        "rle_counts": texts,
        "height_px": [HEIGHT] * count,
        "width_px": [WIDTH] * count,
        "box_xyxy_px": fixed_lists(np.zeros((count, 4)), pa.float32()),
        "area_px": mask_areas(texts, HEIGHT, WIDTH),
    }
    labels = {
        "class_id": [class_id for _, class_id, _ in TRUE_LABELS.values()],
        "class_score": [0.8] * count,
        "similarity": [0.7] * count,
        "kept": [True] * count,
        "reason": ["kept"] * count,
    }
    made: dict[str, list[Path]] = {}
    columns: dict[Any, dict[str, Any]] = {
        FRAMES.name: frames,
        TRACKS.name: {
            name: list(value)
            for name, value in zip(TRACKS.columns.names, zip(*tracks, strict=True), strict=True)
        },
        MASKS.name: key | masks | objectness,
        LABELS.name: key | labels | objectness,
    }
    for schema in (FRAMES, MASKS, LABELS, TRACKS):
        write_table(folder / f"{schema.name}.parquet", schema, columns[schema.name])
        made[schema.name] = [folder / f"{schema.name}.parquet"]
    return World(Shards(made["labels"], made["masks"], made["tracks"], made["frames"]), images)


def counts(mask: np.ndarray) -> str:
    """Compressed run lengths."""
    return encode_masks(mask[None])[0]


def iou(one: np.ndarray, other: np.ndarray) -> float:
    """Overlap of two masks."""
    return float((one & other).sum() / (one | other).sum())
