"""The set loss of Mask2Former with deep supervision (UVIS section 3.2, supplement B3), on frames and on clips.

Of a clip, masks are compared frame by frame and summed over its frames; matching spans the clip (VideoCutLER,
section 3.3, as run by its authors). A single frame is a clip of one.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from uvis_core.config.training import LossSettings
from uvis_core.model.minvis import LayerOutputs
from uvis_core.training.matcher import Matches, Targets, match_queries
from uvis_core.training.points import Points, draw_points, sample_at, uncertain_points


class Totals(NamedTuple):
    """Sizes of the global batch; losses are divided by them, so a process's loss is its share of the whole.

    Attributes:
        images: Frames, or clips.
        instances: Labels.
        matched: Labels that get a query; fewer than instances where an image has more of them than queries.
    """

    images: int
    instances: int
    matched: int


class Losses(NamedTuple):
    """Losses of one process's share of the batch; summed over processes they are the batch's.

    Attributes:
        total: Weighted sum over terms and layers; this is what is differentiated.
        classes: Cross entropy of the last layer.
        masks: Binary cross entropy of mask points of the last layer.
        dice: Dice loss of mask points of the last layer.
    """

    total: Tensor
    classes: Tensor
    masks: Tensor
    dice: Tensor


def batch_totals(targets: Targets, queries: int) -> Totals:
    """Sizes of this process's share."""
    matched = sum(min(number, queries) for number in targets.counts)
    return Totals(len(targets.counts), sum(targets.counts), matched)


def set_losses(
    outputs: LayerOutputs,
    targets: Targets,
    seed: int,
    indices: Sequence[int],
    settings: LossSettings,
    totals: Totals | None = None,
) -> Losses:
    """Match queries to labels and compare them, for all layers.

    Args:
        outputs: Of B images, or of B clips.
        targets: Labels of the same, on the padded frames.
        seed: Of the run.
        indices: B places in the run; with the seed they decide the random points.
        settings: Weights and points.
        totals: Sizes of the global batch; this batch's own where left out.
    """
    device, queries = outputs.embeddings.device, outputs.class_logits[0].shape[1]
    totals = totals or batch_totals(targets, queries)
    mask_logits = [layer if layer.ndim == 5 else layer[:, :, None] for layer in outputs.mask_logits]
    with torch.autocast(device.type, enabled=False):
        points = draw_points(seed, indices, targets.counts, settings, device, targets.masks.shape[1])
        matches = match_queries(outputs.class_logits, mask_logits, targets, points.matching, settings)
        classes = class_losses(outputs.class_logits, targets, matches, settings, totals)
        masks, dice = mask_losses(mask_logits, targets, matches, points, settings, totals)
    total = (
        settings.class_weight * classes.sum()
        + settings.mask_weight * masks.sum()
        + settings.dice_weight * dice.sum()
    )
    return Losses(total, classes[-1].detach(), masks[-1].detach(), dice[-1].detach())


def class_losses(
    class_logits: Sequence[Tensor], targets: Targets, matches: Matches, settings: LossSettings, totals: Totals
) -> Tensor:
    """Weighted mean cross entropy per layer, shape (L,); queries without a label should say "no object"."""
    logits = torch.stack([layer.float() for layer in class_logits])  # (L, B, Q, C + 1)
    layers, _, queries, width = logits.shape
    wanted = torch.full(logits.shape[:3], width - 1, dtype=torch.int64, device=logits.device)
    layer = torch.arange(layers, device=logits.device)[:, None].expand_as(matches.image)
    wanted[layer, matches.image, matches.query] = targets.classes[matches.instance]
    weights = torch.ones(width, device=logits.device)
    weights[-1] = settings.no_object_weight
    summed = functional.cross_entropy(logits.flatten(0, 2), wanted.flatten(), weights, reduction="none")
    divisor = totals.matched + settings.no_object_weight * (totals.images * queries - totals.matched)
    return summed.view(layers, -1).sum(1) / divisor


def mask_losses(
    mask_logits: Sequence[Tensor],
    targets: Targets,
    matches: Matches,
    points: Points,
    settings: LossSettings,
    totals: Totals,
) -> tuple[Tensor, Tensor]:
    """Binary cross entropy and dice loss of each layer's matched masks (B, Q, T, h, w), each of shape (L,).

    Points are chosen per layer where that layer's mask is least certain; the candidates are the same for all.
    """
    layers, length = len(mask_logits), targets.masks.shape[1]
    matched = [
        logits[image, query].float()
        for logits, image, query in zip(mask_logits, matches.image, matches.query, strict=True)
    ]
    logits = torch.cat(matched).flatten(0, 1)  # (L M T, h, w)
    frames = torch.arange(length, device=logits.device)
    rows = (matches.instance[..., None] * length + frames).flatten(1)  # of instance and frame: (L, M T)
    important = settings.points - points.uniform.shape[1]
    chosen = rows.flatten()
    places = uncertain_points(logits.detach(), points.candidates[chosen], points.uniform[chosen], important)
    predicted = sample_at(logits[:, None], places)[:, 0]  # (L M T, P)
    with torch.no_grad():
        truth = targets.masks.float().flatten(0, 1)  # (N T, H, W)
        # Layer by layer: copies of full-size masks for all layers at once would be the step's largest tensor.
        wanted = torch.cat(
            [
                sample_at(truth[row, None], place)[:, 0]
                for row, place in zip(rows, places.view(layers, -1, *places.shape[1:]), strict=True)
            ]
        )
    cross_entropy = functional.binary_cross_entropy_with_logits(predicted, wanted, reduction="none").mean(1)
    shares = predicted.sigmoid()
    dice = 1 - (2 * (shares * wanted).sum(1) + 1) / (shares.sum(1) + wanted.sum(1) + 1)
    divisor = max(totals.instances, 1)
    return cross_entropy.view(layers, -1).sum(1) / divisor, dice.view(layers, -1).sum(1) / divisor
