import pytest
import torch

from uvis_core.config.training import LossSettings
from uvis_core.training.matcher import Targets, match_queries, matching_costs

SETTINGS = LossSettings(points=16)


@pytest.fixture
def scene():
    """Two images, three queries, two layers: image 0 has a left and a right half, image 1 has nothing."""
    masks = torch.zeros((2, 4, 4), dtype=torch.uint8)
    masks[0, :, :2] = 1
    masks[1, :, 2:] = 1
    targets = Targets(masks[:, None], torch.tensor([0, 1]), (2, 0))
    left, right = masks[0].float() * 20 - 10, masks[1].float() * 20 - 10
    nothing = torch.full((4, 4), -10.0)
    straight = torch.stack([left, right, nothing])[:, None].expand(2, 3, 1, 4, 4)
    crossed = torch.stack([nothing, right, left])[:, None].expand(2, 3, 1, 4, 4)
    classes = torch.zeros((2, 3, 3))
    grid = torch.rand((2, 16, 2), generator=torch.Generator().manual_seed(0))
    return [classes, classes], [straight, crossed], targets, grid


def test_each_layer_is_matched_by_its_own_masks(scene):
    matches = match_queries(*scene, SETTINGS)
    assert matches.image.tolist() == [[0, 0], [0, 0]]
    assert matches.query.tolist() == [[0, 1], [1, 2]]
    assert matches.instance.tolist() == [[0, 1], [1, 0]]


def test_classes_decide_where_masks_are_equal(scene):
    _, (straight, _), targets, grid = scene
    same = straight[:, :1].expand(2, 3, 1, 4, 4)
    logits = torch.zeros((2, 3, 3))
    logits[0, 2, 0] = logits[0, 1, 1] = 5.0
    matches = match_queries([logits], [same], targets, grid, SETTINGS)
    assert dict(zip(matches.instance[0].tolist(), matches.query[0].tolist(), strict=True)) == {0: 2, 1: 1}


def test_costs_of_one_pair_by_hand():
    targets = Targets(torch.ones((1, 1, 2, 2), dtype=torch.uint8), torch.tensor([0]), (1,))
    logits = torch.zeros((1, 1, 2))
    masks = torch.zeros((1, 1, 1, 2, 2))
    grid = torch.tensor([[[0.25, 0.25], [0.75, 0.75]]])
    settings = LossSettings(points=2)
    cost = matching_costs([logits], [masks], targets, grid, settings)
    # class: -0.5; cross entropy of 0 against 1: log 2; dice: 1 - (2 * 1 + 1) / (1 + 2 + 1)
    assert cost.item() == pytest.approx(2 * -0.5 + 5 * 0.693147 + 5 * 0.25, rel=1e-5)


def test_costs_span_a_clip_by_hand():
    masks = torch.zeros((1, 2, 2, 2), dtype=torch.uint8)
    masks[0, 0] = 1  # all of the first frame, nothing of the second
    targets = Targets(masks, torch.tensor([0]), (1,))
    grid = torch.tensor([[[0.25, 0.25], [0.75, 0.75]]])
    cost = matching_costs(
        [torch.zeros((1, 1, 2))], [torch.zeros((1, 1, 2, 2, 2))], targets, grid, LossSettings(points=2)
    )
    # Of four points at one half, two on the object: dice 1 - (2 * 1 + 1) / (2 + 2 + 1).
    assert cost.item() == pytest.approx(2 * -0.5 + 5 * 0.693147 + 5 * 0.4, rel=1e-5)


def test_more_instances_than_queries():
    masks = torch.eye(4, dtype=torch.uint8).view(4, 1, 2, 2)
    targets = Targets(masks, torch.zeros(4, dtype=torch.int64), (4,))
    logits = masks[2].float().view(1, 1, 1, 2, 2) * 20 - 10
    grid = torch.tensor([[[x, y] for x in (0.25, 0.75) for y in (0.25, 0.75)]])
    matches = match_queries([torch.zeros((1, 1, 2))], [logits], targets, grid, LossSettings(points=4))
    assert (matches.query.tolist(), matches.instance.tolist()) == ([[0]], [[2]])


def test_no_instances_no_matches(scene):
    classes, masks, _, grid = scene
    empty = Targets(torch.zeros((0, 1, 4, 4), dtype=torch.uint8), torch.zeros(0, dtype=torch.int64), (0, 0))
    assert match_queries(classes, masks, empty, grid, SETTINGS).query.shape == (2, 0)


def test_costs_that_are_not_finite_still_match(scene):
    classes, masks, targets, grid = scene
    broken = [torch.full_like(logits, float("nan")) for logits in masks]
    assert match_queries(classes, broken, targets, grid, SETTINGS).query.shape == (2, 2)
