"""Tables of one shard for the tests of this stage."""

from typing import Any

import numpy as np
import pyarrow as pa

from uvis_core.io.rle import encode_masks, mask_areas
from uvis_core.io.tables import embedding_array, fixed_lists

HEIGHT, WIDTH = 4, 6


def frames(video_id: str, count: int) -> dict[str, Any]:
    """Columns of a frames table of one video."""
    return {
        "video_id": [video_id] * count,
        "frame_index": list(range(count)),
        "path": [f"images/{video_id}/{number:05d}.jpg" for number in range(count)],
        "height_px": [HEIGHT] * count,
        "width_px": [WIDTH] * count,
        "timestamp_s": [number / 10 for number in range(count)],
    }


def masks(
    mask_ids: list[int], frame_indices: list[int], objectness: list[float], video_id: str = "v"
) -> dict[str, Any]:
    """Columns of a masks table; mask number n covers the first n + 1 columns, from the second row on."""
    count = len(mask_ids)
    shapes = np.zeros((count, HEIGHT, WIDTH), dtype=bool)
    for number in range(count):
        shapes[number, 1:, : number % WIDTH + 1] = True
    counts = encode_masks(shapes)
    return {
        "mask_id": mask_ids,
        "video_id": [video_id] * count,
        "frame_index": frame_indices,
        "rle_counts": counts,
        "height_px": [HEIGHT] * count,
        "width_px": [WIDTH] * count,
        "box_xyxy_px": fixed_lists(np.zeros((count, 4)), pa.float32()),
        "area_px": mask_areas(counts, HEIGHT, WIDTH),
        "objectness": objectness,
    }


def crops(
    mask_ids: list[int],
    frame_indices: list[int],
    class_ids: list[int],
    scores: list[float],
    video_id: str = "v",
) -> dict[str, Any]:
    """Columns of a crops table."""
    count = len(mask_ids)
    return {
        "mask_id": mask_ids,
        "video_id": [video_id] * count,
        "frame_index": frame_indices,
        "class_id": class_ids,
        "class_score": scores,
        "cosine": [0.3] * count,
        "top_class_ids": [[number] for number in class_ids],
        "top_logits": [[1.0]] * count,
        "top_cosines": [[0.3]] * count,
        "embedding": embedding_array(np.ones((count, 1))),
    }


def similarities(mask_ids: list[int], class_ids: list[int], values: list[float]) -> dict[str, Any]:
    """Columns of a similarities table."""
    return {
        "mask_id": mask_ids,
        "class_id": class_ids,
        "prototype_id": [0] * len(mask_ids),
        "similarity": values,
    }


def typed(columns: dict[str, Any]) -> pa.Table:
    """A table in memory with scores in the precision in which tables store them."""
    single = {"objectness", "class_score", "similarity"}
    return pa.table(
        {name: pa.array(value, pa.float32()) if name in single else value for name, value in columns.items()}
    )
