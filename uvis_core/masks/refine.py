"""From patches to pixels: soft masks follow the frame's own edges.

He, Sun and Tang, Guided image filtering, PAMI 2013, with the frame in colour as guide (equations 18 to 20).
"""

import torch
from torch import Tensor
from torch.nn.functional import interpolate, pad

EDGE_VARIANCE = 1e-3
"""Variance of colours (0 to 1) below which a window counts as flat and is smoothed; the paper's epsilon."""


def box_mean(images: Tensor, radius: int) -> Tensor:
    """Mean over the square of 2 radius + 1 pixels around each pixel, as far as it lies inside: (..., H, W).

    By running sums in float64, at a cost that does not grow with the radius.
    """
    for axis in (-1, -2):
        length = images.shape[axis]
        sums = pad(images.transpose(axis, -1).double().cumsum(dim=-1), (1, 0))
        places = torch.arange(length, device=images.device)
        first, last = (places - radius).clamp(min=0), (places + radius + 1).clamp(max=length)
        images = ((sums[..., last] - sums[..., first]) / (last - first)).transpose(axis, -1)
    return images


def guided_filter(guide: Tensor, maps: Tensor, radius: int) -> Tensor:
    """Smooth maps along, not across, the edges of a colour image.

    Args:
        guide: float (3, H, W), 0 to 1.
        maps: float (N, H, W).
        radius: Of the windows in which a map is fitted as a linear function of the colour, pixels.

    Returns:
        float64 (N, H, W).
    """
    guide, maps = guide.double(), maps.double()
    mean_guide, mean_maps = box_mean(guide, radius), box_mean(maps, radius)
    spread = box_mean(guide[:, None] * guide[None], radius) - mean_guide[:, None] * mean_guide[None]
    spread = spread + EDGE_VARIANCE * torch.eye(3, dtype=spread.dtype, device=spread.device)[..., None, None]
    shared = box_mean(guide[None] * maps[:, None], radius) - mean_guide[None] * mean_maps[:, None]
    slopes = torch.einsum("cdhw,ndhw->nchw", _inverse(spread), shared)
    offsets = mean_maps - (slopes * mean_guide).sum(dim=1)
    return (box_mean(slopes, radius) * guide).sum(dim=1) + box_mean(offsets, radius)


def _inverse(matrices: Tensor) -> Tensor:
    """Inverse of symmetric 3 x 3 matrices, (3, 3, H, W), by cofactors: far faster here than a general solver."""
    (a, b, c), (_, d, e), (_, _, f) = matrices
    rows = (
        (d * f - e * e, c * e - b * f, b * e - c * d),
        (c * e - b * f, a * f - c * c, b * c - a * e),
        (b * e - c * d, b * c - a * e, a * d - b * b),
    )
    determinant = a * rows[0][0] + b * rows[0][1] + c * rows[0][2]
    return torch.stack([torch.stack(row) for row in rows]) / determinant


def refine(soft: Tensor, image: Tensor, radius: int) -> Tensor:
    """Masks at the size of the frame.

    Args:
        soft: float (N, h, w), about 1 inside and about 0 outside, on the frame's patches.
        image: uint8 (3, H, W), RGB.
        radius: Of the filter, pixels; 0 only enlarges.

    Returns:
        bool (N, H, W): where the filtered map exceeds one half.
    """
    maps = interpolate(soft[None], size=image.shape[1:], mode="bilinear", align_corners=False)[0]
    return (guided_filter(image.float() / 255, maps, radius) if radius else maps) > 0.5
