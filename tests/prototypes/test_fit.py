import logging
from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.prototypes.made import unit, write_crops
from uvis_core.config.prototypes import PrototypesSettings
from uvis_core.io.schemas.prototypes import PROTOTYPES
from uvis_core.io.tables import embedding_matrix, write_table
from uvis_core.prototypes.fit import fit_prototypes, spherical_kmeans, summary_stamp
from uvis_core.prototypes.sample import ClassSample

NAMES = {1: "star", 2: "ring"}


def sample(points: np.ndarray, prototypes: int) -> ClassSample:
    return ClassSample(len(points), prototypes, points.astype(np.float32))


def test_two_bundles_of_directions_give_two_prototypes() -> None:
    """Lengths are alike and only angles differ, so the centroids are the bundles' middles."""
    points = unit([[10, 1, 0], [10, -1, 0], [10, 0, 0], [0, 1, 10], [0, -1, 10]])
    centroids, members, similarity = spherical_kmeans(sample(points, 2), PrototypesSettings())
    np.testing.assert_allclose(centroids, [[1, 0, 0], [0, 0, 1]], atol=1e-6)
    assert members.tolist() == [3, 2]
    cosine = 10 / np.sqrt(101)
    np.testing.assert_allclose(similarity, [(2 * cosine + 1) / 3, cosine], rtol=1e-6)


def test_one_prototype_is_the_mean_direction() -> None:
    points = unit([[1, 0], [0, 1], [1, 1]])
    centroids, members, _ = spherical_kmeans(sample(points, 1), PrototypesSettings())
    np.testing.assert_allclose(centroids, unit([[1, 1]]), atol=1e-6)
    assert members.tolist() == [3]


def test_as_many_prototypes_as_crops_are_the_crops() -> None:
    """The trap of a too large k: every crop then has similarity 1 and the filter keeps everything."""
    points = unit(np.random.default_rng(0).normal(size=(7, 5)))
    centroids, members, similarity = spherical_kmeans(sample(points, 7), PrototypesSettings())
    assert members.tolist() == [1] * 7
    np.testing.assert_allclose(similarity, 1, atol=1e-6)
    np.testing.assert_allclose((points @ centroids.T).max(axis=1), 1, atol=1e-6)


def test_equal_crops_leave_no_empty_prototype() -> None:
    centroids, members, _ = spherical_kmeans(sample(unit([[1.0, 2.0]] * 6), 3), PrototypesSettings())
    assert members.sum() == 6
    assert (members > 0).all()
    assert len(centroids) == len(members)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 60), st.integers(2, 8), st.integers(1, 8), st.integers(0, 2**31 - 1))
def test_centroids_have_unit_length_and_members_add_up(
    count: int, width: int, wanted: int, seed: int
) -> None:
    points = unit(np.random.default_rng(seed).normal(size=(count, width)))
    options = PrototypesSettings(seed=seed)
    centroids, members, similarity = spherical_kmeans(sample(points, min(wanted, count)), options)
    assert centroids.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(centroids, axis=1), 1, atol=1e-6)
    assert members.sum() == count
    assert (np.diff(members) <= 0).all()
    assert (np.abs(similarity) <= 1).all()
    again = spherical_kmeans(sample(points, min(wanted, count)), options)
    assert again[0].tobytes() == centroids.tobytes()


def test_any_order_of_shards_and_number_of_threads_gives_equal_bytes(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    shards = [
        write_crops(
            tmp_path / f"{shard}.parquet",
            list(range(50 * shard, 50 * shard + 50)),
            rng.integers(1, 3, 50).tolist(),
            unit(rng.normal(size=(50, 16))),
        )
        for shard in range(3)
    ]
    options = PrototypesSettings(instances_per_prototype=20)
    written = []
    before = faiss.omp_get_max_threads()
    for order, threads in (([0, 1, 2], 1), ([2, 0, 1], 2)):
        faiss.omp_set_num_threads(threads)
        columns, summary = fit_prototypes([shards[place] for place in order], NAMES, options)
        write_table(tmp_path / "out.parquet", PROTOTYPES, columns, summary_stamp(summary))
        written.append((tmp_path / "out.parquet").read_bytes())
        assert faiss.omp_get_max_threads() == threads
    faiss.omp_set_num_threads(before)
    assert written[0] == written[1]


def test_classes_with_few_or_no_crops_are_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    table = write_crops(tmp_path / "c.parquet", [1], [1], np.eye(3)[:1])
    with caplog.at_level(logging.WARNING, logger="uvis"):
        columns, summary = fit_prototypes([table], NAMES, PrototypesSettings())
    assert "star: only 1 crops" in caplog.text
    assert "ring: no crop" in caplog.text
    assert columns["class_id"] == [1]
    assert columns["prototype_id"] == [0]
    assert summary == [
        {"class_id": 1, "name": "star", "instances": 1, "sampled": 1, "prototypes": 1},
        {"class_id": 2, "name": "ring", "instances": 0, "sampled": 0, "prototypes": 0},
    ]


def test_no_crop_at_all_gives_an_empty_table(tmp_path: Path) -> None:
    table = write_crops(tmp_path / "c.parquet", [], [], np.zeros((0, 3)))
    columns, _ = fit_prototypes([table], NAMES, PrototypesSettings())
    write_table(tmp_path / "out.parquet", PROTOTYPES, columns)
    assert embedding_matrix(columns["centroid"]).shape == (0, 3)
