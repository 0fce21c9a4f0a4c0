import math

import pytest
import torch

from uvis_core.config.training import LossSettings
from uvis_core.model.minvis import LayerOutputs
from uvis_core.training.criterion import Totals, batch_totals, set_losses
from uvis_core.training.matcher import Targets

SETTINGS = LossSettings(points=32)


def outputs(batch: int, queries: int, layers: int = 2, classes: int = 2) -> LayerOutputs:
    random = torch.Generator().manual_seed(0)
    return LayerOutputs(
        tuple(torch.randn((batch, queries, classes + 1), generator=random) for _ in range(layers)),
        tuple(torch.randn((batch, queries, 8, 8), generator=random) for _ in range(layers)),
        torch.zeros((batch, queries, 4)),
    )


def targets(counts: tuple[int, ...]) -> Targets:
    random = torch.Generator().manual_seed(1)
    masks = (torch.rand((sum(counts), 32, 32), generator=random) > 0.5).to(torch.uint8)
    return Targets(masks, torch.randint(0, 2, (sum(counts),), generator=random), counts)


def test_right_prediction_costs_little_and_its_opposite_much():
    masks = torch.zeros((1, 8, 8), dtype=torch.uint8)
    masks[0, :, :4] = 1
    truth = Targets(masks, torch.tensor([1]), (1,))
    classes = torch.tensor([[[-50.0, 50.0, -50.0]]])
    logits = masks[None].float() * 20 - 10
    right, wrong = (
        set_losses(
            LayerOutputs((sign * classes,), (sign * logits,), torch.zeros((1, 1, 4))), truth, 0, [0], SETTINGS
        )
        for sign in (1, -1)
    )
    assert right.classes.item() == pytest.approx(0, abs=1e-6)
    assert right.masks < 0.2 * wrong.masks
    assert right.dice < 0.2 * wrong.dice


def test_uniform_classes_by_hand():
    # Three classes and "no object" at equal logits: every query has loss log 4; the weighted mean keeps it.
    flat = LayerOutputs((torch.zeros((1, 5, 4)),), (torch.zeros((1, 5, 8, 8)),), torch.zeros((1, 5, 4)))
    losses = set_losses(flat, targets((2,)), 0, [0], SETTINGS)
    assert losses.classes.item() == pytest.approx(math.log(4), rel=1e-6)
    assert losses.masks.item() == pytest.approx(math.log(2), rel=1e-6)


def test_total_is_weighted_over_layers():
    one = outputs(2, 4, layers=1)
    twice = LayerOutputs(one.class_logits * 2, one.mask_logits * 2, one.embeddings)
    single, double = (set_losses(layers, targets((2, 1)), 0, [0, 1], SETTINGS) for layers in (one, twice))
    expected = 2 * single.classes + 5 * single.masks + 5 * single.dice
    torch.testing.assert_close(single.total, expected)
    torch.testing.assert_close(double.total, 2 * single.total)


def test_shares_of_a_batch_sum_to_the_whole():
    both, labels = outputs(2, 4), targets((3, 1))
    whole = set_losses(both, labels, 5, [8, 9], SETTINGS)
    totals = batch_totals(labels, 4)
    shares = []
    for image, rows in ((0, slice(0, 3)), (1, slice(3, 4))):
        part = LayerOutputs(
            tuple(layer[image : image + 1] for layer in both.class_logits),
            tuple(layer[image : image + 1] for layer in both.mask_logits),
            both.embeddings[image : image + 1],
        )
        share = Targets(labels.masks[rows], labels.classes[rows], (labels.counts[image],))
        shares.append(set_losses(part, share, 5, [8 + image], SETTINGS, totals))
    for name in ("total", "classes", "masks", "dice"):
        torch.testing.assert_close(sum(getattr(share, name) for share in shares), getattr(whole, name))


def test_batch_without_labels_still_has_gradients_everywhere():
    empty = outputs(2, 4)
    for layer in (*empty.class_logits, *empty.mask_logits):
        layer.requires_grad_()
    losses = set_losses(empty, targets((0, 0)), 0, [0, 1], SETTINGS)
    losses.total.backward()
    assert losses.masks.item() == losses.dice.item() == 0
    assert all(layer.grad is not None for layer in (*empty.class_logits, *empty.mask_logits))


def test_loss_falls_when_it_is_followed():
    masks = torch.zeros((2, 32, 32), dtype=torch.uint8)
    masks[0, :16], masks[1, 16:, :8] = 1, 1
    found, labels = outputs(1, 3, layers=1), Targets(masks, torch.tensor([0, 1]), (2,))
    parameters = [layer.requires_grad_() for layer in (*found.class_logits, *found.mask_logits)]
    optimiser = torch.optim.Adam(parameters, lr=0.2)
    values = []
    for step in range(40):
        losses = set_losses(found, labels, 0, [step], SETTINGS)
        optimiser.zero_grad()
        losses.total.backward()
        optimiser.step()
        values.append(losses.total.item())
    assert sum(values[-5:]) < 0.6 * sum(values[:5])


def test_totals_count_what_can_be_matched():
    assert batch_totals(targets((6, 1)), 4) == Totals(frames=2, instances=7, matched=5)
