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
    masks = (torch.rand((sum(counts), 1, 32, 32), generator=random) > 0.5).to(torch.uint8)
    return Targets(masks, torch.randint(0, 2, (sum(counts),), generator=random), counts)


def test_right_prediction_costs_little_and_its_opposite_much():
    masks = torch.zeros((1, 1, 8, 8), dtype=torch.uint8)
    masks[..., :4] = 1
    truth = Targets(masks, torch.tensor([1]), (1,))
    classes = torch.tensor([[[-50.0, 50.0, -50.0]]])
    logits = masks.float() * 20 - 10
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
    masks = torch.zeros((2, 1, 32, 32), dtype=torch.uint8)
    masks[0, 0, :16], masks[1, 0, 16:, :8] = 1, 1
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
    assert batch_totals(targets((6, 1)), 4) == Totals(images=2, instances=7, matched=5)


def test_frames_are_still_compared_as_before_there_were_clips():
    """Figures of the criterion that knew single frames alone, on the CPU."""
    both = outputs(2, 4)
    layers = (*both.class_logits, *both.mask_logits)
    for layer in layers:
        layer.requires_grad_()
    losses = set_losses(both, targets((3, 1)), 5, [8, 9], SETTINGS)
    losses.total.backward()
    before = [15.95585823059082, 1.1109846830368042, 0.7179247736930847, 0.5026978850364685]
    assert [value.item() for value in losses] == pytest.approx(before, rel=1e-6)
    norms = [0.5937371253967285, 0.7105171084403992, 0.1459181010723114, 0.15238673985004425]
    assert [layer.grad.norm().item() for layer in layers] == pytest.approx(norms, rel=1e-5)


def test_a_frame_is_a_clip_of_one():
    frames, labels = outputs(2, 4), targets((3, 1))
    clips = LayerOutputs(
        frames.class_logits, tuple(layer[:, :, None] for layer in frames.mask_logits), frames.embeddings
    )
    for one, other in zip(
        set_losses(frames, labels, 5, [8, 9], SETTINGS),
        set_losses(clips, labels, 5, [8, 9], SETTINGS),
        strict=True,
    ):
        assert torch.equal(one, other)


def test_masks_of_a_clip_are_summed_over_its_frames_and_divided_by_its_tracks():
    masks = torch.ones((2, 3, 8, 8), dtype=torch.uint8)
    masks[0, 1:] = 0  # away in two of the three frames: what is said there counts all the same
    labels = Targets(masks, torch.zeros(2, dtype=torch.int64), (2,))
    flat = LayerOutputs((torch.zeros((1, 5, 3)),), (torch.zeros((1, 5, 3, 4, 4)),), torch.zeros((1, 5, 4)))
    losses = set_losses(flat, labels, 0, [0], SETTINGS)
    assert losses.masks.item() == pytest.approx(3 * math.log(2), rel=1e-6)
    # 32 points at one half: 1 - (2 * 16 + 1) / (16 + 32 + 1) where the object is, 1 - 1 / (16 + 1) where it is not;
    # points on the outer half of the outer pixels see a little less of it.
    present, away = 1 - 33 / 49, 1 - 1 / 17
    assert losses.dice.item() == pytest.approx((4 * present + 2 * away) / 2, abs=0.05)
