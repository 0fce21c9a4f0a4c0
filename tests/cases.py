"""Small truth and results files written by hand."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from uvis_core.io.rle import encode_masks

HEIGHT, WIDTH = 6, 8


def box_mask(row: int, column: int, height: int = 2, width: int = 2) -> dict[str, Any]:
    """Run-length mask of a rectangle in a frame of 6 x 8 pixels."""
    mask = np.zeros((1, HEIGHT, WIDTH), dtype=bool)
    mask[0, row : row + height, column : column + width] = True
    return {"size": [HEIGHT, WIDTH], "counts": encode_masks(mask)[0]}


def video(video_id: Any = 1, frames: int = 2) -> dict[str, Any]:
    return {"id": video_id, "height": HEIGHT, "width": WIDTH, "length": frames}


def annotation(
    segmentations: list[Any], *, video_id: Any = 1, class_id: Any = 1, **extra: Any
) -> dict[str, Any]:
    return {
        "id": 1,
        "video_id": video_id,
        "category_id": class_id,
        "iscrowd": 0,
        "segmentations": segmentations,
    } | extra


def prediction(
    segmentations: list[Any], *, video_id: Any = 1, class_id: Any = 1, score: Any = 0.9, **extra: Any
) -> dict[str, Any]:
    return {
        "video_id": video_id,
        "category_id": class_id,
        "score": score,
        "segmentations": segmentations,
    } | extra


def truth(
    annotations: Any, *, videos: list[Any] | None = None, classes: tuple[int, ...] = (1, 2)
) -> dict[str, Any]:
    return {
        "videos": videos if videos is not None else [video()],
        "categories": [{"id": class_id, "name": f"class {class_id}"} for class_id in classes],
        "annotations": annotations,
    }


def write(folder: Path, name: str, content: Any) -> Path:
    path = folder / name
    path.write_text(json.dumps(content))
    return path
