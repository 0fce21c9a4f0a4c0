"""A bounded sample of every class's crops, drawn by the crops alone: neither order nor shards change it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from uvis_core.config.prototypes import PrototypesSettings
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.tables import embedding_matrix, read_pieces, read_table


@dataclass(frozen=True)
class ClassSample:
    """Crops of one class that K-Means looks at.

    Attributes:
        instances: Crops of the class that qualify, sampled or not.
        prototypes: Number of prototypes, from ``instances``.
        embeddings: float16 of shape (S, D), as the table stores them, ordered by the hash of the mask id.
    """

    instances: int
    prototypes: int
    embeddings: np.ndarray

    def unit(self) -> np.ndarray:
        """The embeddings as float32 of unit length; half precision has moved the length by up to a thousandth."""
        exact = self.embeddings.astype(np.float32)
        return exact / np.maximum(np.linalg.norm(exact, axis=1, keepdims=True), np.finfo(np.float32).tiny)


def prototype_count(instances: int, settings: PrototypesSettings) -> int:
    """k_l, proportional to n_l (section 3.1), between floor and cap, and no more than there are instances."""
    wanted = round(instances / settings.instances_per_prototype)
    return min(max(wanted, settings.min_prototypes), settings.max_prototypes, instances)


def hash_ids(mask_ids: np.ndarray, seed: int) -> np.ndarray:
    """A pseudo-random uint64 per int64 id; different ids give different numbers.

    SplitMix64's finaliser (Steele, Lea and Flood, 2014), a bijection, after an offset by the seed.
    """
    with np.errstate(over="ignore"):
        value = mask_ids.astype(np.int64).view(np.uint64) + np.uint64(seed + 1) * np.uint64(
            0x9E3779B97F4A7C15
        )
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def draw_samples(
    crop_tables: Sequence[Path | str], class_ids: Sequence[int], settings: PrototypesSettings
) -> tuple[dict[int, ClassSample], int]:
    """Draw the crops with the smallest hashes of every class, reading one shard at a time, twice.

    The first pass counts, which sets every class's share, and finds the hashes; the second fetches their embeddings,
    no more than ``points_per_prototype * k_l`` per class.

    Args:
        crop_tables: Crops tables of all shards.
        class_ids: Classes of the vocabulary.
        settings: Sizes, least class score, seed.

    Returns:
        A sample per class id, empty ones included; and the width D of the embeddings.

    Raises:
        UserError: There is no table, shards differ in width, or a class is not in the vocabulary.
    """
    if not crop_tables:
        raise UserError("no crops tables to find prototypes in", fix="give the crops tables of all shards")
    instances = dict.fromkeys(class_ids, 0)
    hashes = {class_id: np.zeros(0, np.uint64) for class_id in class_ids}
    most = settings.max_prototypes * settings.points_per_prototype
    for path in crop_tables:
        table = read_table(path, CROPS, ["mask_id", "class_id", "class_score"])
        for class_id, _, own in _qualified(table, settings):
            if class_id not in instances:
                raise UserError(
                    f"{path}: class {class_id} is not in the vocabulary",
                    fix="the crops were scored with another vocabulary: delete them and run again",
                )
            instances[class_id] += len(own)
            hashes[class_id] = np.union1d(hashes[class_id], own)[:most]
    counts = {class_id: prototype_count(number, settings) for class_id, number in instances.items()}
    for class_id, count in counts.items():
        hashes[class_id] = hashes[class_id][: count * settings.points_per_prototype]
    embeddings, width = _fetch(crop_tables, hashes, settings)
    samples = {
        class_id: ClassSample(instances[class_id], counts[class_id], embeddings[class_id])
        for class_id in class_ids
    }
    return samples, width


def _qualified(crops: pa.Table, settings: PrototypesSettings) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Of every class with crops of the least class score or more: its id, their rows and their hashes."""
    classes = crops["class_id"].to_numpy()
    enough = crops["class_score"].to_numpy() >= settings.min_class_score
    hashes = hash_ids(crops["mask_id"].to_numpy(), settings.seed)
    for class_id in np.unique(classes[enough]).tolist():
        rows = np.flatnonzero(enough & (classes == class_id))
        yield class_id, rows, hashes[rows]


def _fetch(
    crop_tables: Sequence[Path | str], wanted: Mapping[int, np.ndarray], settings: PrototypesSettings
) -> tuple[dict[int, np.ndarray], int]:
    """Per class the embeddings, float16 (S, D), of the crops with the S ``wanted`` hashes, in their order; and D."""
    points: dict[int, np.ndarray] = {}
    width = 0
    for path in crop_tables:
        for piece in read_pieces(path, CROPS, ["mask_id", "class_id", "class_score", "embedding"]):
            embeddings = embedding_matrix(piece["embedding"]).astype(np.float16)
            if width not in (0, embeddings.shape[1]):
                raise UserError(
                    f"{path}: embeddings have {embeddings.shape[1]} numbers, those of other shards {width}",
                    fix="the shards were scored by different CLIP models: delete them and run again",
                )
            width = embeddings.shape[1]
            for class_id, rows, hashes in _qualified(piece, settings):
                order = wanted[class_id]
                kept = np.isin(hashes, order)
                if class_id not in points:
                    points[class_id] = np.empty((len(order), width), np.float16)
                points[class_id][np.searchsorted(order, hashes[kept])] = embeddings[rows[kept]]
    none = np.zeros((0, width), np.float16)
    return {class_id: points.get(class_id, none) for class_id in wanted}, width
