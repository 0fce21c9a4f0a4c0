"""Labels and masks tables of one shard, written by hand."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from tests.cases import HEIGHT, WIDTH, box_mask
from uvis_core.config.labels import LabelsSettings
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.tables import fixed_lists, write_table

SETTINGS = LabelsSettings(objectness=0.5, class_score=0.5, similarity=0.5)


class Label(NamedTuple):
    """One crop: its frame, class, mask and scores."""

    frame: int
    class_id: int
    mask: dict[str, Any]
    objectness: float = 0.9
    class_score: float = 0.9
    similarity: float = 0.9
    kept: bool = True
    video: str = "1"
    reason: str | None = None


def write_shard(
    folder: Path,
    labels: list[Label],
    *,
    settings: LabelsSettings = SETTINGS,
    size: tuple[int, int] = (HEIGHT, WIDTH),
    name: str = "shard",
    first_id: int = 10,
) -> tuple[Path, Path]:
    """Write labels and masks; the masks table lists them the other way round and holds one mask more."""
    ids = list(range(first_id, first_id + len(labels)))
    scores = ("objectness", "class_score", "similarity")
    columns: dict[str, Any] = {
        "mask_id": ids,
        "video_id": [label.video for label in labels],
        "frame_index": [label.frame for label in labels],
        "class_id": [label.class_id for label in labels],
        **{score: [getattr(label, score) for label in labels] for score in scores},
        "kept": [label.kept for label in labels],
        "reason": [label.reason or ("kept" if label.kept else "similarity") for label in labels],
    }
    provenance = {"settings": json.dumps(settings.model_dump(mode="json"), sort_keys=True)}
    write_table(folder / f"{name}-labels.parquet", LABELS, columns, provenance)
    shapes = [Label(0, 1, box_mask(0, 0)), *reversed(labels)]
    count = len(shapes)
    mask_columns = {
        "mask_id": [1, *reversed(ids)],
        "video_id": [label.video for label in shapes],
        "frame_index": [label.frame for label in shapes],
        "rle_counts": [label.mask["counts"] for label in shapes],
        "height_px": [size[0]] * count,
        "width_px": [size[1]] * count,
        "box_xyxy_px": fixed_lists(np.zeros((count, 4)), pa.float32()),
        "area_px": [4] * count,
        "objectness": [label.objectness for label in shapes],
    }
    write_table(folder / f"{name}-masks.parquet", MASKS, mask_columns)
    return folder / f"{name}-labels.parquet", folder / f"{name}-masks.parquet"
