"""How alike every crop is to the prototypes of its own class (section 3.1)."""

from typing import Any

import numpy as np
import pyarrow as pa

from uvis_core.io.errors import UserError
from uvis_core.io.tables import embedding_matrix

NO_PROTOTYPE = -1
NO_SIMILARITY = -1.0


def score_similarity(crops: pa.Table, prototypes: pa.Table) -> dict[str, Any]:
    """Nearest prototype of the crop's class, and the cosine similarity to it.

    Args:
        crops: Crops table of one shard, N rows.
        prototypes: Prototypes table.

    Returns:
        Columns of the similarities table, N rows in the order of ``crops``; similarity lies in [-1, 1], and
        is -1 with prototype -1 where the class has no prototype.

    Raises:
        UserError: The two tables hold embeddings of different width.
    """
    embeddings = embedding_matrix(crops["embedding"]).astype(np.float64)
    centroids = embedding_matrix(prototypes["centroid"]).astype(np.float64)
    if embeddings.shape[1] != centroids.shape[1]:
        raise UserError(
            f"crops have embeddings of {embeddings.shape[1]} numbers, prototypes of {centroids.shape[1]}",
            fix="they come from different CLIP models: delete the prototypes and run again",
        )
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    embeddings /= np.maximum(lengths, np.finfo(np.float64).tiny)
    class_ids = crops["class_id"].to_numpy()
    prototype_classes = prototypes["class_id"].to_numpy()
    prototype_ids = prototypes["prototype_id"].to_numpy()
    nearest = np.full(len(class_ids), NO_PROTOTYPE, np.int32)
    similarity = np.full(len(class_ids), NO_SIMILARITY, np.float32)
    for class_id in np.unique(class_ids):
        rows, own = np.flatnonzero(class_ids == class_id), np.flatnonzero(prototype_classes == class_id)
        if len(own):
            cosines = embeddings[rows] @ centroids[own].T
            nearest[rows] = prototype_ids[own][cosines.argmax(axis=1)]
            similarity[rows] = np.clip(cosines.max(axis=1), -1, 1)
    return {
        "mask_id": crops["mask_id"],
        "class_id": crops["class_id"],
        "prototype_id": nearest,
        "similarity": similarity,
    }
