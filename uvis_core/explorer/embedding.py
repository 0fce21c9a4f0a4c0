"""A map of crops: embeddings of a sample and the prototypes, laid flat along the sample's principal axes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from uvis_core.explorer.rows import Rows
from uvis_core.explorer.run import SplitTables
from uvis_core.io.row_groups import RowGroups
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.schemas.prototypes import PROTOTYPES
from uvis_core.io.tables import embedding_matrix, read_table

SAMPLE = 4000
PIECE = 250
"""Crops taken in a row at each of the places drawn: a piece is read from a row group or two."""


@dataclass(frozen=True)
class EmbeddingMap:
    """Crops and prototypes on a plane.

    Attributes:
        rows: int64 (K,) row numbers, ascending.
        points: float32 (K, 2).
        prototype_classes: int64 (P,) places of the prototypes' classes.
        prototype_points: float32 (P, 2).
        explained: Share of the sample's variance that the plane shows.
    """

    rows: np.ndarray
    points: np.ndarray
    prototype_classes: np.ndarray
    prototype_points: np.ndarray
    explained: float


def map_of_sample(rows: Rows, split: SplitTables, centroids: Path, sample: int = SAMPLE) -> EmbeddingMap:
    """Draw a sample by seed and lay it flat.

    Raises:
        UserError: A table is damaged.
    """
    some = sampled_rows(rows, sample)
    embeddings = read_embeddings(rows, split, some)
    table = read_table(centroids, PROTOTYPES, ["class_id", "centroid"])
    prototypes = embedding_matrix(table["centroid"])
    place = {class_id: place for place, class_id in enumerate(rows.class_ids.tolist())}
    flat, points, explained = principal_plane(embeddings, prototypes)
    classes = np.array([place[class_id] for class_id in table["class_id"].to_pylist()], dtype=np.int64)
    return EmbeddingMap(some, flat, classes, points, explained)


def sampled_rows(rows: Rows, sample: int) -> np.ndarray:
    """Row numbers of pieces that lie together in the crops tables, drawn by seed; all rows if there are no more."""
    if len(rows) <= sample:
        return np.arange(len(rows))
    sizes = np.bincount(rows.shards)
    pieces = [(shard, start) for shard, size in enumerate(sizes.tolist()) for start in range(0, size, PIECE)]
    drawn = np.random.default_rng(0).permutation(len(pieces))[: sample // PIECE]
    wanted = np.zeros(len(rows), dtype=bool)
    for number in drawn.tolist():
        shard, start = pieces[number]
        wanted |= (rows.shards == shard) & (rows.crop_rows >= start) & (rows.crop_rows < start + PIECE)
    return np.flatnonzero(wanted)


def read_embeddings(rows: Rows, split: SplitTables, some: np.ndarray) -> np.ndarray:
    """Embeddings of some rows, float32 (K, D)."""
    parts: list[tuple[np.ndarray, np.ndarray]] = []
    for shard in np.unique(rows.shards[some]):
        own = np.flatnonzero(rows.shards[some] == shard)
        table = RowGroups(split.tables["crops"][shard], CROPS)
        parts.append(
            (own, embedding_matrix(table.take("embedding", rows.crop_rows[some[own]].astype(np.int64))))
        )
    width = parts[0][1].shape[1] if parts else 0
    embeddings = np.zeros((len(some), width), dtype=np.float32)
    for own, values in parts:
        embeddings[own] = values
    return embeddings


def principal_plane(values: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Project on the two axes along which values spread most.

    Args:
        values: float32 (K, D).
        others: float32 (P, D), projected on the same axes.

    Returns:
        float32 (K, 2) and (P, 2), and the share of the variance of ``values`` that the axes hold. The sign of an axis
        is such that its largest weight is positive.
    """
    if len(values) < 3 or values.shape[1] < 2:
        return np.zeros((len(values), 2), np.float32), np.zeros((len(others), 2), np.float32), 0.0
    mean = values.mean(axis=0)
    variances, axes = np.linalg.eigh(np.cov((values - mean).T.astype(np.float64)))
    plane = axes[:, [-1, -2]]
    plane *= np.sign(plane[np.abs(plane).argmax(axis=0), [0, 1]])
    share = float(variances[-2:].sum() / max(variances.sum(), 1e-12))
    return (
        ((values - mean) @ plane).astype(np.float32),
        ((others - mean) @ plane).astype(np.float32),
        share,
    )
