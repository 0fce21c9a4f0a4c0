"""RoIAlign (Mask R-CNN, section 3) on CPUs, as sums of rows of a channels-last feature map.

The samples of a bin form a grid, so the weight that their mean gives to a place is a product of one for its row and one
for its column. Places that several samples touch are read once, and all channels of a place lie side by side.
"""

from dataclasses import dataclass

import torch
from detectron2.layers import ROIAlign
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Spans:
    """Along one axis, the neighbouring places that each bin of each box takes, and with which weights.

    Attributes:
        first: int64 (N, bins), the first place.
        weights: float32 (N, bins, K), those of the first place and of the ones behind it, 0 where there are no more.
        lengths: int64 (N,), how many places the bins of a box need at most.
    """

    first: Tensor
    weights: Tensor
    lengths: Tensor


def bin_spans(start: Tensor, length: Tensor, bins: int, extent: int) -> Spans:
    """Spread the samples of bins over the places that they lie between.

    Args:
        start: float32 (N,), where boxes begin; 0 is the middle of the first place.
        length: float32 (N,), of the boxes, in places.
        bins: Per box.
        extent: How many places there are.
    """
    size = length[:, None] / bins
    counts = size[:, 0].ceil().clamp(min=0).long()
    # One box at least: the size of an empty maximum is none.
    most = int(counts.max()) if len(counts) else 0
    sample = torch.arange(most, device=start.device)
    lower = start[:, None] + torch.arange(bins, device=start.device) * size
    steps = (sample + 0.5) * size[..., None] / counts.clamp(min=1)[:, None, None]
    points = lower[..., None] + steps
    counted = (sample < counts[:, None])[:, None] & (points >= -1) & (points <= extent)
    places = points.clamp(min=0, max=extent - 1)
    left = places.floor()
    share = torch.where(counted, places - left, 0.0)
    rest = torch.where(counted, 1 - share, 0.0)
    left = left.long()
    # Samples ascend, so the first of them is the leftmost.
    first = left[..., :1] if most else torch.zeros(len(start), bins, 1, dtype=torch.int64)
    weights = torch.zeros(len(start), bins, most + 2, device=start.device)
    offset = (left - first).clamp(max=most)
    weights.scatter_add_(2, offset, rest).scatter_add_(2, offset + 1, share)
    weights /= counts.clamp(min=1)[:, None, None]
    return Spans(first[..., 0], weights, torch.where(counts > 0, counts + 1, 0))


def roi_align(features: Tensor, boxes: Tensor, output_size: tuple[int, int], scale: float) -> Tensor:
    """Mean features of the bins of boxes, the number of samples by the size of the box, corners aligned.

    Args:
        features: float32 (B, C, H, W).
        boxes: float32 (N, 5): place in the batch, then x0, y0, x1, y1 in pixels of the image.
        output_size: Rows and columns of bins.
        scale: Places of a feature map per pixel.

    Returns:
        float32 (N, C, rows, columns).
    """
    (_, channels, height, width), (rows, columns) = features.shape, output_size
    corners = boxes[:, 1:] * scale - 0.5
    across = bin_spans(corners[:, 0], corners[:, 2] - corners[:, 0], columns, width)
    down = bin_spans(corners[:, 1], corners[:, 3] - corners[:, 1], rows, height)
    # Every bin of a box takes a rectangle of the same size. Boxes whose rectangles are equal are worked out together.
    most = down.weights.shape[2]
    sizes, size_of = (across.lengths * most + down.lengths).unique(return_inverse=True)
    order = size_of.argsort(stable=True)
    indices, weights, counts = [], [], []
    groups = order.split(size_of.bincount(minlength=len(sizes)).tolist())
    for group, size in zip(groups, sizes.tolist(), strict=True):
        wide, high = divmod(size, most)
        # What would lie behind the last place weighs nothing.
        y = (down.first[group, :, None] + torch.arange(high)).clamp(max=height - 1)
        x = (across.first[group, :, None] + torch.arange(wide)).clamp(max=width - 1)
        y = (boxes[group, 0].long()[:, None, None] * height + y) * width
        indices.append((y[:, :, None, :, None] + x[:, None, :, None, :]).flatten())
        shares = down.weights[group, :, None, :high, None] * across.weights[group, None, :, None, :wide]
        weights.append(shares.flatten())
        counts.append(torch.full((len(group) * rows * columns,), high * wide))
    empty = torch.zeros(0, dtype=torch.int64)
    per_bin = torch.cat([empty, *counts])
    by_place = features.permute(0, 2, 3, 1).reshape(-1, channels)
    sums = functional.embedding_bag(
        torch.cat([empty, *indices]),
        by_place,
        per_bin.cumsum(0) - per_bin,
        per_sample_weights=torch.cat([by_place.new_zeros(0), *weights]),
        mode="sum",
    )
    pooled = torch.empty(len(boxes), rows * columns, channels)
    pooled[order] = sums.view(len(boxes), rows * columns, channels)
    return pooled.view(len(boxes), rows, columns, channels).permute(0, 3, 1, 2)


class RowsRoIAlign(nn.Module):
    """Stands for detectron2's own, which is taken still where this one does not serve: on GPUs, and in bfloat16.

    Args:
        original: Aligned, with as many samples as a box's size asks for.
    """

    def __init__(self, original: ROIAlign) -> None:
        super().__init__()
        self.original = original

    def forward(self, features: Tensor, boxes: Tensor) -> Tensor:
        """Pool the features (B, C, H, W) of boxes (N, 5) into (N, C, rows, columns)."""
        original = self.original
        if features.device.type != "cpu" or features.dtype != torch.float32 or features.requires_grad:
            pooled: Tensor = original(features, boxes)
            return pooled
        return roi_align(features, boxes.float(), original.output_size, original.spatial_scale)
