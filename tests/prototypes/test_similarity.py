from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.prototypes.made import crops, unit
from uvis_core.io.errors import UserError
from uvis_core.io.tables import fixed_lists
from uvis_core.prototypes.similarity import score_similarity


def prototypes(class_ids: list[int], prototype_ids: list[int], centroids: Any) -> pa.Table:
    return pa.table(
        {
            "class_id": pa.array(class_ids, pa.int32()),
            "prototype_id": pa.array(prototype_ids, pa.int32()),
            "centroid": fixed_lists(np.asarray(centroids, dtype=np.float32), pa.float32()),
        }
    )


def test_a_crop_meets_the_prototypes_of_its_own_class_only() -> None:
    table = pa.table(crops([10, 11, 12, 13], [1, 1, 2, 3], np.array([[1, 0], [0.6, 0.8], [1, 0], [1, 0]])))
    found = score_similarity([table], prototypes([1, 1, 2], [0, 1, 0], [[1, 0], [0, 1], [0, -1]]))
    assert found["mask_id"].tolist() == [10, 11, 12, 13]
    assert found["prototype_id"].tolist() == [0, 1, 0, -1]
    np.testing.assert_allclose(found["similarity"], [1, 0.8, 0, -1], atol=1e-3)


@settings(deadline=None)
@given(st.integers(0, 20), st.integers(1, 12), st.integers(2, 9), st.integers(0, 999))
def test_similarity_is_a_cosine_in_any_order_of_rows(count: int, known: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = pa.table(
        crops(list(range(count)), rng.integers(1, 4, count).tolist(), unit(rng.normal(size=(count, width))))
    )
    centroids = prototypes(
        rng.integers(1, 4, known).tolist(), list(range(known)), unit(rng.normal(size=(known, width)))
    )
    found = score_similarity([table], centroids)
    similarity = found["similarity"]
    assert similarity.dtype == np.float32
    assert ((similarity >= -1) & (similarity <= 1)).all()
    order = rng.permutation(count)
    shuffled = score_similarity([table.take(pa.array(order))], centroids)
    np.testing.assert_array_equal(shuffled["prototype_id"], found["prototype_id"][order])
    np.testing.assert_allclose(shuffled["similarity"], similarity[order], atol=1e-6)


def test_a_crop_that_is_a_prototype_has_similarity_one() -> None:
    points = unit(np.random.default_rng(0).normal(size=(5, 8)))
    found = score_similarity(
        [pa.table(crops(list(range(5)), [1] * 5, points))], prototypes([1] * 5, list(range(5)), points)
    )
    np.testing.assert_allclose(found["similarity"], 1, atol=1e-5)
    assert found["prototype_id"].tolist() == list(range(5))


def test_embeddings_of_another_model_are_refused() -> None:
    with pytest.raises(UserError, match="embeddings of 2 numbers, prototypes of 3"):
        score_similarity([pa.table(crops([1], [1], np.eye(2)[:1]))], prototypes([1], [0], np.eye(3)[:1]))


@pytest.mark.parametrize("rows", [1, 3, 64])
def test_pieces_of_any_size_give_equal_bytes(rows: int) -> None:
    rng = np.random.default_rng(0)
    table = pa.table(
        crops(list(range(150)), rng.integers(1, 4, 150).tolist(), unit(rng.normal(size=(150, 33))))
    )
    centroids = prototypes([1, 2, 2, 2, 3], list(range(5)), unit(rng.normal(size=(5, 33))))
    whole = score_similarity([table], centroids)
    pieces = score_similarity((table.slice(start, rows) for start in range(0, 150, rows)), centroids)
    for name, values in whole.items():
        assert values.tobytes() == pieces[name].tobytes()


def test_a_shard_without_crops_has_no_similarity() -> None:
    found = score_similarity([pa.table(crops([], [], np.zeros((0, 2))))], prototypes([1], [0], np.eye(2)[:1]))
    assert {name: len(values) for name, values in found.items()} == dict.fromkeys(found, 0)
