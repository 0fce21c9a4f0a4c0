"""A bounded sample of every class's crops, drawn by the crops alone: neither order nor shards change it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from uvis_core.config.prototypes import PrototypesSettings
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.tables import embedding_matrix, read_table


@dataclass(frozen=True)
class ClassSample:
    """Crops of one class that K-Means looks at.

    Attributes:
        instances: Crops of the class that qualify, sampled or not.
        prototypes: Number of prototypes, from ``instances``.
        embeddings: float32 of shape (S, D), unit length, ordered by the hash of the mask id.
    """

    instances: int
    prototypes: int
    embeddings: np.ndarray


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

    The first pass counts, which sets every class's share; the second keeps no more than
    ``points_per_prototype * k_l`` embeddings per class, as float16.

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
    for path in crop_tables:
        table = read_table(path, CROPS, ["class_id", "class_score"])
        chosen = table["class_id"].to_numpy()[table["class_score"].to_numpy() >= settings.min_class_score]
        for class_id, count in zip(*np.unique(chosen, return_counts=True), strict=True):
            if class_id not in instances:
                raise UserError(
                    f"{path}: class {class_id} is not in the vocabulary",
                    fix="the crops were scored with another vocabulary: delete them and run again",
                )
            instances[int(class_id)] += int(count)
    counts = {class_id: prototype_count(number, settings) for class_id, number in instances.items()}
    kept = _smallest_hashes(
        crop_tables, {key: k * settings.points_per_prototype for key, k in counts.items()}, settings
    )
    width = next(iter(kept.values())).shape[1]
    samples = {
        class_id: ClassSample(instances[class_id], counts[class_id], _unit(kept[class_id]))
        for class_id in class_ids
    }
    return samples, width


def _smallest_hashes(
    crop_tables: Sequence[Path | str], limits: Mapping[int, int], settings: PrototypesSettings
) -> dict[int, np.ndarray]:
    """Per class the embeddings, float16 (S, D), with the ``limits`` smallest hashes, ordered by hash."""
    hashes = {class_id: np.zeros(0, np.uint64) for class_id in limits}
    points: dict[int, np.ndarray] = {}
    width = None
    for path in crop_tables:
        table = read_table(path, CROPS, ["mask_id", "class_id", "class_score", "embedding"])
        embeddings = embedding_matrix(table["embedding"]).astype(np.float16)
        if width not in (None, embeddings.shape[1]):
            raise UserError(
                f"{path}: embeddings have {embeddings.shape[1]} numbers, those of other shards {width}",
                fix="the shards were scored by different CLIP models: delete them and run again",
            )
        width = embeddings.shape[1]
        shard_classes = table["class_id"].to_numpy()
        shard_hashes = hash_ids(table["mask_id"].to_numpy(), settings.seed)
        qualified = table["class_score"].to_numpy() >= settings.min_class_score
        for class_id, limit in limits.items():
            rows = np.flatnonzero(qualified & (shard_classes == class_id))
            both = np.concatenate([hashes[class_id], shard_hashes[rows]])
            before = points.get(class_id, np.zeros((0, width), np.float16))
            order = np.argsort(both)[:limit]
            points[class_id] = np.concatenate([before, embeddings[rows]])[order]
            hashes[class_id] = both[order]
    return points


def _unit(embeddings: np.ndarray) -> np.ndarray:
    """Rows of unit length, float32 (N, D); half precision has moved the length by up to a thousandth."""
    exact = embeddings.astype(np.float32)
    return exact / np.maximum(np.linalg.norm(exact, axis=1, keepdims=True), np.finfo(np.float32).tiny)
