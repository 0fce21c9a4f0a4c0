import numpy as np
import pytest
import torch

from uvis_core.config.masks import MaskCutSettings
from uvis_core.masks.cut import affinities, cut_frames, likeness, objectness, soft_mask

SETTINGS = MaskCutSettings(affinity_threshold=0.5)


def scene():
    """Features of one frame of 8 x 10 patches: background, two objects of different size; their masks."""
    kinds = np.zeros((8, 10), dtype=int)
    kinds[2:5, 1:4] = 1
    kinds[4:7, 6:8] = 2
    axes = torch.eye(4)[torch.from_numpy(kinds)]
    noise = torch.randn(8, 10, 4, generator=torch.Generator().manual_seed(0)) * 0.05
    return torch.nn.functional.normalize(axes + noise, dim=-1)[None], kinds


def test_finds_both_objects_one_after_the_other():
    features, kinds = scene()
    (found,) = cut_frames(features, None, SETTINGS)
    masks = [entry.mask for entry in found[:2]]
    assert sorted(mask.sum() for mask in masks) == [(kinds == 2).sum(), (kinds == 1).sum()]
    assert {int(kinds[mask].min()) for mask in masks} == {1, 2}
    for entry in found[:2]:
        assert entry.objectness > 0.9
        assert entry.soft[entry.mask].min() > 0.9
        assert entry.soft[~entry.mask].max() < 0.1


def test_objects_never_overlap_and_are_at_most_as_many_as_asked():
    features = torch.nn.functional.normalize(
        torch.randn(2, 6, 7, 5, generator=torch.Generator().manual_seed(1)), dim=-1
    )
    for found in cut_frames(features, None, MaskCutSettings(affinity_threshold=0.2, masks_per_frame=4)):
        assert 1 <= len(found) <= 4
        assert np.sum([entry.mask for entry in found], axis=0).max() == 1
        assert all(entry.mask.any() and 0 <= entry.objectness <= 1 for entry in found)


def test_what_looks_alike_is_told_apart_by_motion():
    features, kinds = scene()
    same = torch.nn.functional.normalize(torch.ones_like(features), dim=-1)
    motion = torch.zeros(1, 8, 10, 2)
    motion[0, ..., 0] = torch.from_numpy(np.where(kinds == 1, 1.0, 0.0))
    (found,) = cut_frames(same, motion, SETTINGS)
    assert (found[0].mask == (kinds == 1)).all()


def test_affinities_are_symmetric_and_positive():
    features, _ = scene()
    motion = torch.randn(1, 80, 2, generator=torch.Generator().manual_seed(2))
    graph = affinities(features.flatten(1, 2), motion, SETTINGS)[0]
    assert torch.equal(graph, graph.T)
    assert graph.min() > 0
    assert torch.equal(graph.diagonal(), torch.ones(80))
    still = affinities(features.flatten(1, 2), torch.zeros_like(motion), SETTINGS)[0]
    assert torch.equal(still, affinities(features.flatten(1, 2), None, SETTINGS)[0])


def test_objectness_is_kept_affinity_times_free_border():
    # Four patches in a square, the first two linked with each other and the first with the third.
    graph = torch.eye(4)
    graph[0, 1] = graph[1, 0] = graph[0, 2] = graph[2, 0] = 1
    mask = np.array([[True, True], [False, False]])
    # 4 of 5 units of affinity stay inside; 2 of the 4 patches on the border are taken.
    assert objectness(mask, graph, torch.from_numpy(mask.ravel())) == pytest.approx(0.8 * 0.5)


def test_soft_masks_run_from_background_to_object():
    centred = np.array([[2.0, 1.0, -1.0, -1.0, 3.0]])
    mask = np.array([[True, True, False, False, False]])
    alive = np.array([[True] * 5])
    # The object's mean is 1.5, the background's -1; the last patch is of the object's side but not connected.
    np.testing.assert_allclose(soft_mask(mask, centred, alive), [[1, 0.8, 0, 0, 0]], rtol=1e-6)


def test_likeness_draws_the_outline_where_looks_change():
    features, kinds = scene()
    wide = np.zeros_like(kinds, dtype=bool)
    wide[1:6, 0:5] = True  # one patch too many on every side
    share = likeness(wide, features[0])
    assert share[kinds == 1].min() > 0.9
    assert share[(kinds == 0) & wide].max() < 0.5
    assert share[:, 8:].max() == 0
    assert not likeness(np.ones_like(wide), features[0]).any()
