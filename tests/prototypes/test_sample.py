from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.prototypes.made import unit, write_crops
from uvis_core.config.prototypes import PrototypesSettings
from uvis_core.io.errors import UserError
from uvis_core.prototypes.sample import draw_samples, hash_ids, prototype_count


@pytest.mark.parametrize(
    ("instances", "expected"),
    [(0, 0), (1, 1), (2, 2), (3, 2), (20, 2), (30, 3), (44, 4), (46, 5), (99, 6), (10_000, 6)],
)
def test_prototypes_are_proportional_between_floor_and_cap(instances: int, expected: int) -> None:
    settings = PrototypesSettings(instances_per_prototype=10, min_prototypes=2, max_prototypes=6)
    assert prototype_count(instances, settings) == expected


@given(st.integers(0, 10**7), st.floats(0.1, 10**4), st.integers(1, 50), st.integers(0, 50))
def test_a_class_never_has_more_prototypes_than_crops(
    instances: int, per: float, floor: int, more: int
) -> None:
    settings = PrototypesSettings(
        instances_per_prototype=per, min_prototypes=floor, max_prototypes=floor + more
    )
    count = prototype_count(instances, settings)
    assert min(floor, instances) <= count <= min(floor + more, instances)


def test_one_instance_per_prototype_makes_each_crop_its_own() -> None:
    settings = PrototypesSettings(instances_per_prototype=1, max_prototypes=10**6)
    assert prototype_count(1234, settings) == 1234


@given(st.lists(st.integers(-(2**63), 2**63 - 1), unique=True, max_size=50), st.integers(0, 2**31 - 1))
def test_different_ids_have_different_hashes(ids: list[int], seed: int) -> None:
    assert len(np.unique(hash_ids(np.array(ids, dtype=np.int64), seed))) == len(ids)


def test_hashes_are_spread_and_the_seed_matters() -> None:
    hashes = hash_ids(np.arange(4000), 0) / 2.0**64
    assert abs(hashes.mean() - 0.5) < 0.02
    assert (np.histogram(hashes, 10, (0, 1))[0] > 300).all()
    assert (hash_ids(np.arange(10), 0) != hash_ids(np.arange(10), 1)).all()


def test_the_sample_is_bounded_and_the_same_for_any_order_of_shards(tmp_path: Path) -> None:
    embeddings = unit(np.random.default_rng(0).normal(size=(60, 4)))
    classes = [1 + number % 2 for number in range(60)]
    settings = PrototypesSettings(instances_per_prototype=15, points_per_prototype=5)
    parts = [range(0, 10), range(10, 45), range(45, 60)]
    shards = [
        write_crops(
            tmp_path / f"{place}.parquet", list(part), [classes[n] for n in part], embeddings[list(part)]
        )
        for place, part in enumerate(parts)
    ]
    shuffled = np.random.default_rng(1).permutation(60).tolist()
    one = write_crops(
        tmp_path / "one.parquet", shuffled, [classes[n] for n in shuffled], embeddings[shuffled]
    )
    expected, width = draw_samples(shards, [1, 2, 3], settings)
    assert width == 4
    assert {
        key: (value.instances, value.prototypes, len(value.embeddings)) for key, value in expected.items()
    } == {
        1: (30, 2, 10),
        2: (30, 2, 10),
        3: (0, 0, 0),
    }
    for tables in (shards[::-1], [one]):
        found, _ = draw_samples(tables, [1, 2, 3], settings)
        for class_id, sample in expected.items():
            np.testing.assert_array_equal(found[class_id].embeddings, sample.embeddings)
    np.testing.assert_allclose(np.linalg.norm(expected[1].unit(), axis=1), 1, atol=1e-6)


def test_crops_of_low_score_take_no_part(tmp_path: Path) -> None:
    low = write_crops(tmp_path / "low.parquet", [1, 2], [1, 1], np.eye(2), scores=0.2)
    high = write_crops(tmp_path / "high.parquet", [3], [1], np.eye(2)[:1], scores=0.5)
    samples, _ = draw_samples([low, high], [1], PrototypesSettings(min_class_score=0.5))
    assert samples[1].instances == 1
    np.testing.assert_array_equal(samples[1].embeddings, [[1, 0]])


def test_what_does_not_belong_together_is_refused(tmp_path: Path) -> None:
    two = write_crops(tmp_path / "2.parquet", [1], [1], np.eye(2)[:1])
    three = write_crops(tmp_path / "3.parquet", [2], [1], np.eye(3)[:1])
    with pytest.raises(UserError, match=r"3\.parquet: embeddings have 3 numbers, those of other shards 2"):
        draw_samples([two, three], [1], PrototypesSettings())
    with pytest.raises(UserError, match="class 1 is not in the vocabulary"):
        draw_samples([two], [5], PrototypesSettings())
    with pytest.raises(UserError, match="no crops tables"):
        draw_samples([], [1], PrototypesSettings())


def test_a_floor_above_the_cap_is_refused() -> None:
    with pytest.raises(ValueError, match="min_prototypes 9 exceeds max_prototypes 3"):
        PrototypesSettings(min_prototypes=9, max_prototypes=3)
