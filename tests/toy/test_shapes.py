import numpy as np
import pytest

from uvis_core.toy.shapes import CLASSES, DISTRACTORS, KINDS, outline


def test_classes_come_first_and_no_kind_is_both():
    assert KINDS[: len(CLASSES)] == CLASSES
    assert len(CLASSES) == 6
    assert len(DISTRACTORS) >= 4
    assert len(set(KINDS)) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_outline_fills_the_unit_disk(kind):
    for seed in range(200):
        outer, *holes = outline(kind, np.random.default_rng(seed))
        assert np.isfinite(outer).all()
        assert np.linalg.norm(outer, axis=1).max() == pytest.approx(1)
        np.testing.assert_allclose(outer.min(axis=0), -outer.max(axis=0), atol=1e-12)
        assert all(np.linalg.norm(hole, axis=1).max() < 0.7 for hole in holes)


def test_only_the_ring_has_a_hole():
    rng = np.random.default_rng(0)
    assert [kind for kind in KINDS if len(outline(kind, rng)) > 1] == ["ring"]


def test_outlines_of_one_kind_vary():
    rng = np.random.default_rng(0)
    assert not np.allclose(outline("star", rng)[0], outline("star", rng)[0])


def test_unknown_kind():
    with pytest.raises(KeyError):
        outline("sofa", np.random.default_rng(0))
