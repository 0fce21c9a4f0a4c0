"""Crops tables for the tests of this stage."""

from pathlib import Path
from typing import Any

import numpy as np

from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.tables import embedding_array, write_table


def crops(
    mask_ids: list[int], class_ids: list[int], embeddings: np.ndarray, scores: float = 0.9
) -> dict[str, Any]:
    """Columns of a crops table."""
    count = len(mask_ids)
    return {
        "mask_id": mask_ids,
        "video_id": ["v"] * count,
        "frame_index": [0] * count,
        "class_id": class_ids,
        "class_score": [scores] * count,
        "cosine": [0.3] * count,
        "top_class_ids": [[number] for number in class_ids],
        "top_logits": [[1.0]] * count,
        "top_cosines": [[0.3]] * count,
        "embedding": embedding_array(embeddings),
    }


def unit(vectors: Any) -> np.ndarray:
    """Rows scaled to unit length, float64."""
    rows = np.asarray(vectors, dtype=np.float64)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def write_crops(path: Path, *columns: Any, **named: Any) -> Path:
    """A crops table on disk."""
    write_table(path, CROPS, crops(*columns, **named))
    return path
