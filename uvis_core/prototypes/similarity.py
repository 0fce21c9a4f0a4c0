"""How alike every crop is to the prototypes of its own class (section 3.1)."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from uvis_core.io.errors import UserError
from uvis_core.io.tables import embedding_matrix

NO_PROTOTYPE = -1
NO_SIMILARITY = -1.0


def score_similarity(crops: Iterable[pa.Table], prototypes: pa.Table) -> dict[str, Any]:
    """Nearest prototype of the crop's class, and the cosine similarity to it.

    Args:
        crops: Crops table of one shard, N rows in pieces of any size; their embeddings are in memory one piece at a
            time.
        prototypes: Prototypes table.

    Returns:
        Columns of the similarities table, N rows in the order of ``crops``; similarity lies in [-1, 1], and
        is -1 with prototype -1 where the class has no prototype.

    Raises:
        UserError: The two tables hold embeddings of different width.
    """
    centroids = embedding_matrix(prototypes["centroid"]).astype(np.float64)
    prototype_classes = prototypes["class_id"].to_numpy()
    prototype_ids = prototypes["prototype_id"].to_numpy()
    found: dict[str, list[np.ndarray]] = {
        "mask_id": [np.zeros(0, np.int64)],
        "class_id": [np.zeros(0, np.int32)],
        "prototype_id": [np.zeros(0, np.int32)],
        "similarity": [np.zeros(0, np.float32)],
    }
    for piece in crops:
        embeddings = embedding_matrix(piece["embedding"]).astype(np.float64)
        if embeddings.shape[1] != centroids.shape[1]:
            raise UserError(
                f"crops have embeddings of {embeddings.shape[1]} numbers, prototypes of {centroids.shape[1]}",
                fix="they come from different CLIP models: delete the prototypes and run again",
            )
        lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
        embeddings /= np.maximum(lengths, np.finfo(np.float64).tiny)
        class_ids = piece["class_id"].to_numpy()
        nearest = np.full(len(class_ids), NO_PROTOTYPE, np.int32)
        similarity = np.full(len(class_ids), NO_SIMILARITY, np.float32)
        for class_id in np.unique(class_ids):
            rows, own = np.flatnonzero(class_ids == class_id), np.flatnonzero(prototype_classes == class_id)
            if len(own):
                # One product of vectors after the other: a matrix product rounds differently with its number of rows.
                cosines = np.vecdot(embeddings[rows, None], centroids[None, own])
                nearest[rows] = prototype_ids[own][cosines.argmax(axis=1)]
                similarity[rows] = np.clip(cosines.max(axis=1), -1, 1)
        columns = (piece["mask_id"].to_numpy(), class_ids, nearest, similarity)
        for parts, values in zip(found.values(), columns, strict=True):
            parts.append(values)
    return {name: np.concatenate(parts) for name, parts in found.items()}
