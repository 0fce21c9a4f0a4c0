"""Per-class prototypes by spherical K-Means (section 3.1)."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pyarrow as pa

from uvis_core.config.prototypes import PrototypesSettings
from uvis_core.io.tables import fixed_lists
from uvis_core.prototypes.sample import ClassSample, draw_samples

log = logging.getLogger("uvis")


def fit_prototypes(
    crop_tables: Sequence[Path | str],
    class_names: Mapping[int, str],
    settings: PrototypesSettings,
    *,
    use_gpu: bool = False,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Find the prototypes of every class, from crops first given that class.

    A class without a crop gets no prototype; one with fewer crops than ``min_prototypes`` gets as many as
    crops, each its own prototype. Both are named in the log. The result does not depend on the order of
    tables or rows.

    Args:
        crop_tables: Crops tables of all shards, read one at a time.
        class_names: Names by class id, of the whole vocabulary.
        settings: Numbers of prototypes, sample size, iterations, seed.
        use_gpu: Whether FAISS computes on all GPUs; the same up to rounding.

    Returns:
        Columns of the prototypes table, where ``members`` and ``mean_similarity`` are over the sample; and
        per class ``{class_id, name, instances, sampled, prototypes}``.

    Raises:
        UserError: There is no table, shards differ in width, or a class is not in the vocabulary.
    """
    samples, width = draw_samples(crop_tables, list(class_names), settings)
    columns: dict[str, list[Any]] = {"class_id": [], "prototype_id": [], "members": [], "mean_similarity": []}
    centroids = [np.zeros((0, width), np.float32)]
    summary = []
    for class_id, name in class_names.items():
        sample = samples[class_id]
        found, members, similarity = spherical_kmeans(sample, settings, use_gpu=use_gpu)
        _report(name, sample, settings)
        centroids.append(found)
        columns["class_id"] += [class_id] * len(found)
        columns["prototype_id"] += range(len(found))
        columns["members"] += members.tolist()
        columns["mean_similarity"] += similarity.tolist()
        summary.append(
            {
                "class_id": class_id,
                "name": name,
                "instances": sample.instances,
                "sampled": len(sample.embeddings),
                "prototypes": len(found),
            }
        )
    return {**columns, "centroid": fixed_lists(np.concatenate(centroids), pa.float32())}, summary


def summary_stamp(summary: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The per-class summary as provenance of the prototypes table, under the key ``classes`` (JSON)."""
    return {"classes": json.dumps(list(summary), sort_keys=True)}


def spherical_kmeans(
    sample: ClassSample, settings: PrototypesSettings, *, use_gpu: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cluster one class's sample by cosine similarity.

    Args:
        sample: S crops, embedded in D numbers.
        settings: Iterations and seed.
        use_gpu: Whether FAISS computes on all GPUs.

    Returns:
        Centroids, float32 (K, D) of unit length, the largest cluster first; int64 (K,) members; float32 (K,)
        mean cosine similarity of the members to their centroid. Clusters that end empty are left out.
    """
    points = sample.unit()
    if sample.prototypes == 0:
        return points[:0], np.zeros(0, np.int64), np.zeros(0, np.float32)
    with _one_thread():
        kmeans = faiss.Kmeans(
            points.shape[1],
            sample.prototypes,
            niter=settings.iterations,
            spherical=True,
            seed=settings.seed,
            gpu=use_gpu,
            min_points_per_centroid=1,
            max_points_per_centroid=max(1, settings.points_per_prototype),
        )
        kmeans.train(points)
    centroids = np.asarray(kmeans.centroids, dtype=np.float64)
    lengths = np.linalg.norm(centroids, axis=1, keepdims=True)
    centroids = (centroids / np.maximum(lengths, np.finfo(np.float64).tiny)).astype(np.float32)
    cosines = points.astype(np.float64) @ centroids.astype(np.float64).T
    owner = cosines.argmax(axis=1)
    members = np.bincount(owner, minlength=len(centroids))
    total = np.bincount(owner, weights=cosines.max(axis=1), minlength=len(centroids))
    order = np.argsort(-members, kind="stable")
    order = order[members[order] > 0]
    mean = np.clip(total[order] / members[order], -1, 1)
    return centroids[order], members[order].astype(np.int64), mean.astype(np.float32)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums in one order, so that equal samples give equal bytes on any number of cores."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def _report(name: str, sample: ClassSample, settings: PrototypesSettings) -> None:
    if sample.instances == 0:
        log.warning("class %s: no crop is given this class, so it has no prototype and no label", name)
    elif sample.instances <= settings.min_prototypes:
        log.warning("class %s: only %d crops, each is its own prototype", name, sample.instances)
    else:
        log.info("class %s: %d prototypes for %d crops", name, sample.prototypes, sample.instances)
