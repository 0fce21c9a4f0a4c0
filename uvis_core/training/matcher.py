"""Which query answers for which instance: Hungarian matching, all layers and images at once (DETR, eq. 1)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor
from torch.nn import functional

from uvis_core.config.training import LossSettings
from uvis_core.training.points import sample_at

# Stands for a cost that is not finite: the matching then still ends, and the loss shows the fault.
WORST = 1e6


class Targets(NamedTuple):
    """The labels of a batch, one row per instance, images in order; an image is a frame, or a clip of T frames.

    Attributes:
        masks: uint8 0 or 1 (N, T, H, W) on the padded frames, T = 1 for single ones. An instance may be absent from
            some frames of its clip: its masks there are empty, and count.
        classes: int64 (N,).
        counts: Instances of each of the B images; they sum to N.
    """

    masks: Tensor
    classes: Tensor
    counts: tuple[int, ...]


class Matches(NamedTuple):
    """Matched pairs of each of the L layers, int64 of shape (L, M).

    Attributes:
        image: Index in the batch.
        query: Index of the query.
        instance: Row of ``Targets``.
    """

    image: Tensor
    query: Tensor
    instance: Tensor


@torch.no_grad()
def matching_costs(
    class_logits: Sequence[Tensor],
    mask_logits: Sequence[Tensor],
    targets: Targets,
    points: Tensor,
    settings: LossSettings,
) -> Tensor:
    """Cost of every query for every instance of its image.

    Args:
        class_logits: L tensors (B, Q, C + 1).
        mask_logits: L tensors (B, Q, T, h, w).
        targets: Labels.
        points: (B, P, 2), where masks are compared, in all frames of a clip alike.
        settings: Weights of the terms.

    Returns:
        float32 (B, L, Q, N_max); entries beyond an image's instances mean nothing.
    """
    layers, queries = len(class_logits), class_logits[0].shape[1]
    batch, length, device = len(points), targets.masks.shape[1], points.device
    count = length * points.shape[1]
    image = torch.repeat_interleave(torch.arange(batch), torch.tensor(targets.counts)).to(device)
    place = torch.cat([torch.arange(number) for number in targets.counts]).to(device)
    most = max(targets.counts)
    truth = torch.zeros((batch, most, count), device=device)
    truth[image, place] = sample_at(targets.masks.float(), points[image]).flatten(1)
    classes = torch.zeros((batch, most), dtype=torch.int64, device=device)
    classes[image, place] = targets.classes

    sampled = [sample_at(logits.float().flatten(1, 2), points) for logits in mask_logits]  # each (B, Q T, P)
    predicted = torch.cat(sampled, dim=1).view(batch, layers * queries, count)
    # -x t + softplus(x) is the binary cross entropy of logit x against t.
    cross_entropy = (functional.softplus(predicted).sum(2, keepdim=True) - predicted @ truth.mT) / count
    shares = predicted.sigmoid()
    dice = 1 - (2 * (shares @ truth.mT) + 1) / (shares.sum(2, keepdim=True) + truth.sum(2)[:, None] + 1)
    probabilities = torch.cat(
        [logits.float().softmax(-1) for logits in class_logits], dim=1
    )  # (B, L Q, C + 1)
    likely = probabilities.gather(2, classes[:, None].expand(-1, layers * queries, -1))
    cost = (
        settings.class_weight * -likely + settings.mask_weight * cross_entropy + settings.dice_weight * dice
    )
    return cost.view(batch, layers, queries, most)


def match_queries(
    class_logits: Sequence[Tensor],
    mask_logits: Sequence[Tensor],
    targets: Targets,
    points: Tensor,
    settings: LossSettings,
) -> Matches:
    """Assign instances to queries so that the summed cost is least, per layer and image.

    All costs reach the host in one transfer and all matches return in one. An image with more instances than
    queries leaves the costliest unmatched.
    """
    layers, queries, device = len(class_logits), class_logits[0].shape[1], points.device
    if sum(targets.counts) == 0:
        nothing = torch.zeros((layers, 0), dtype=torch.int64, device=device)
        return Matches(nothing, nothing, nothing)
    costs = matching_costs(class_logits, mask_logits, targets, points, settings).cpu().numpy()
    costs = np.nan_to_num(costs, nan=WORST, posinf=WORST, neginf=-WORST)
    starts = np.concatenate([[0], np.cumsum(targets.counts)])
    pairs = np.empty((3, layers, sum(min(number, queries) for number in targets.counts)), dtype=np.int64)
    for layer in range(layers):
        at = 0
        for image, number in enumerate(targets.counts):
            chosen, instances = linear_sum_assignment(costs[image, layer, :, :number])
            pairs[:, layer, at : at + len(chosen)] = (
                np.full(len(chosen), image),
                chosen,
                starts[image] + instances,
            )
            at += len(chosen)
    image, query, instance = torch.from_numpy(pairs).to(device)
    return Matches(image, query, instance)
