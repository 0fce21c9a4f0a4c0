"""Random points at which masks are compared, instead of all pixels (Mask2Former, section 3.3; PointRend)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from uvis_core.config.training import LossSettings


class Points(NamedTuple):
    """Random points of a batch as x, y in [0, 1] of the padded frame, float32.

    Attributes:
        matching: (B, P, 2), uniform, one set per image or clip for all masks, frames and layers.
        candidates: (N T, K, 2) per instance of the batch and its frame, uniform; the uncertain ones are used.
        uniform: (N T, P - U, 2) per instance of the batch and its frame, used as they are.
    """

    matching: Tensor
    candidates: Tensor
    uniform: Tensor


def draw_points(
    seed: int,
    indices: Sequence[int],
    counts: Sequence[int],
    settings: LossSettings,
    device: torch.device,
    length: int = 1,
) -> Points:
    """Draw the points of each image or clip from its own generator.

    Args:
        seed: Of the run.
        indices: B places of the images in the run; they, not the process, decide the points, so that a batch
        gives
            the same loss however it is divided.
        counts: Instances per image.
        settings: How many points.
        device: Where they are drawn; GPUs draw other numbers than CPUs.
        length: Frames of a clip, T.
    """
    important = round(settings.points * settings.importance)
    candidates = max(important, int(settings.points * settings.oversampling))
    drawn: list[tuple[Tensor, Tensor, Tensor]] = []
    for index, count in zip(indices, counts, strict=True):
        random = seeded([seed, index], device)
        drawn.append(
            (
                torch.rand((settings.points, 2), generator=random, device=device),
                torch.rand((count * length, candidates, 2), generator=random, device=device),
                torch.rand((count * length, settings.points - important, 2), generator=random, device=device),
            )
        )
    matching, candidate_points, uniform = zip(*drawn, strict=True)
    return Points(torch.stack(matching), torch.cat(candidate_points), torch.cat(uniform))


def seeded(entropy: Sequence[int], device: torch.device) -> torch.Generator:
    """A generator of torch whose numbers follow from some whole numbers."""
    state = np.random.SeedSequence(entropy).generate_state(1, np.uint64)[0]
    return torch.Generator(device).manual_seed(int(state >> np.uint64(1)))


def sample_at(values: Tensor, points: Tensor) -> Tensor:
    """Bilinear values of maps at points.

    Args:
        values: float (N, C, H, W).
        points: (N, P, 2), x, y in [0, 1]; 0 and 1 are the outer edges of the outer pixels.

    Returns:
        (N, C, P).
    """
    return functional.grid_sample(values, 2 * points[:, None] - 1, mode="bilinear", align_corners=False)[
        :, :, 0
    ]


@torch.no_grad()
def uncertain_points(logits: Tensor, candidates: Tensor, uniform: Tensor, count: int) -> Tensor:
    """Of the candidates those where a mask is least certain, and the uniform ones.

    Args:
        logits: (M, h, w) mask logits.
        candidates: (M, K, 2).
        uniform: (M, R, 2).
        count: How many candidates to take: those whose logit is nearest 0.

    Returns:
        (M, count + R, 2).
    """
    distance = sample_at(logits[:, None], candidates)[:, 0].abs()  # (M, K)
    nearest = distance.topk(count, dim=1, largest=False, sorted=False).indices
    chosen = candidates.gather(1, nearest[:, :, None].expand(-1, -1, 2))
    return torch.cat([chosen, uniform], dim=1)
