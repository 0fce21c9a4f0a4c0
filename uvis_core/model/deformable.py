"""Multi-scale deformable attention of the pixel decoder (Deformable DETR, section 4.1), fast on CPUs.

What a head takes from the levels is a weighted sum of rows: four neighbours of each of its points, every one weighted
by its bilinear share and the point's attention. The plain way samples level by level, with the channels of a place far
apart in memory; here the rows of all levels are summed by one call, and their gradients follow from the same sparse
matrix of weights.
"""

import warnings
from collections.abc import Sequence
from typing import Any

import torch
from scipy.sparse import csr_array
from torch import Tensor, nn
from torch.nn import functional
from transformers.models.mask2former.modeling_mask2former import (
    Mask2FormerPixelDecoderEncoderMultiscaleDeformableAttention,
    multi_scale_deformable_attention,
)

# Said once by every process that computes a gradient; what is used here is covered by the tests.
warnings.filterwarnings(
    "ignore", message="Sparse (CSR tensor support is in beta|invariant checks are implicitly)"
)

CORNERS = 4
# A ring of zeros around each level stands for all that lies outside: one row before it, and two behind it, because the
# second neighbour of the last place outside is one further.
BEFORE, AROUND = 1, 3


class WeightedRows(torch.autograd.Function):
    """The sum of chosen rows with weights: out[m] = Σ_k weights[m, k] · rows[index[m, k]]."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, index: Tensor, weights: Tensor) -> Tensor:
        """Sum rows.

        Args:
            ctx: Of the call.
            rows: float (R, D).
            index: int32 (M, K).
            weights: float (M, K).

        Returns:
            float (M, D).
        """
        ctx.save_for_backward(rows, index, weights)
        return functional.embedding_bag(index, rows, per_sample_weights=weights, mode="sum")

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, None, Tensor | None]:
        """The gradients of the rows and of the weights."""
        rows, index, weights = ctx.saved_tensors
        (chosen, width), gradient = index.shape, gradient.contiguous()
        starts = torch.arange(0, chosen * width + 1, width, dtype=torch.int32)
        of_rows = of_weights = None
        if ctx.needs_input_grad[0]:
            matrix = csr_array(
                (weights.flatten().numpy(), index.flatten().numpy(), starts.numpy()),
                shape=(chosen, len(rows)),
            )
            of_rows = torch.from_numpy(matrix.T @ gradient.numpy())
        if ctx.needs_input_grad[2]:
            pattern = torch.sparse_csr_tensor(
                starts,
                index.flatten(),
                torch.zeros_like(weights.flatten()),
                (chosen, len(rows)),
                check_invariants=False,
            )
            of_weights = torch.sparse.sampled_addmm(pattern, gradient, rows.T).values().view(chosen, width)
        return of_rows, None, of_weights


def deformable_attention(
    value: Tensor, shapes: Sequence[tuple[int, int]], points: Tensor, attention: Tensor
) -> Tensor:
    """Sample every level at the points of each query and head, and sum with the attention.

    Args:
        value: float (B, S, heads, D), the levels one after the other, rows first.
        shapes: Height and width of each of the L levels.
        points: float (B, Q, heads, L, P, 2), x and y in units of a level's places: 0 is the middle of the first one.
            Outside lies zero.
        attention: float (B, Q, heads, L, P).

    Returns:
        float (B, Q, heads · D).
    """
    batch, _, heads, width = value.shape
    queries, levels, count = points.shape[1], points.shape[3], points.shape[4]
    framed, starts = _framed(value, shapes)
    per_level = torch.tensor(shapes, device=value.device).view(levels, 1, 2)
    # From one place outside, where all is zero, to the other.
    x = points[..., 0].clamp(min=-1).minimum(per_level[..., 1])
    y = points[..., 1].clamp(min=-1).minimum(per_level[..., 0])
    left, top = x.detach().floor(), y.detach().floor()
    right_share, lower_share = x - left, y - top
    line = (per_level[..., 1] + AROUND).int()
    first = (top.int() + BEFORE) * line + left.int() + (starts.view(levels, 1) + BEFORE).int()
    # What is no number points anywhere; its weights, and so the sum, are none either.
    first = first.clamp(min=0).minimum(framed.shape[1] - 2 - line)
    image = torch.arange(batch, device=value.device, dtype=torch.int32).view(-1, 1, 1, 1, 1) * framed.shape[1]
    head = torch.arange(heads, device=value.device, dtype=torch.int32).view(-1, 1, 1)
    first = (first + image) * heads + head
    below = line * heads
    index = torch.stack((first, first + heads, first + below, first + below + heads), dim=3)
    lower = lower_share * attention
    upper = attention - lower
    lower_right, upper_right = lower * right_share, upper * right_share
    weights = torch.stack((upper - upper_right, upper_right, lower - lower_right, lower_right), dim=3)
    chosen = levels * count * CORNERS
    summed = WeightedRows.apply(framed.view(-1, width), index.view(-1, chosen), weights.view(-1, chosen))
    return summed.view(batch, queries, heads * width)


class DeformableAttention(nn.Module):
    """The attention of a layer of the pixel decoder, with the weights and the names of transformers' own.

    On a CPU by sums of rows. On GPUs, whose threads hide what sampling waits for, as transformers has it.

    Args:
        original: What it stands for; its parts are taken over.
    """

    def __init__(self, original: Mask2FormerPixelDecoderEncoderMultiscaleDeformableAttention) -> None:
        super().__init__()
        self.heads, self.levels, self.points = original.n_heads, original.n_levels, original.n_points
        self.sampling_offsets = original.sampling_offsets
        self.attention_weights = original.attention_weights
        self.value_proj = original.value_proj
        self.output_proj = original.output_proj

    def forward(
        self,
        hidden_states: Tensor,
        attention_mask: Tensor | None,
        encoder_hidden_states: Tensor,
        position_embeddings: Tensor,
        reference_points: Tensor,
        spatial_shapes_list: list[tuple[int, int]],
        **_: object,
    ) -> tuple[Tensor, Tensor]:
        """Look at the levels from every place.

        Args:
            hidden_states: float (B, S, D), the places that ask.
            attention_mask: bool (B, S), True where nothing is to be seen.
            encoder_hidden_states: float (B, S, D), the levels one after the other.
            position_embeddings: float (B, S, D), of the places that ask.
            reference_points: float (B, S, L, 2), x and y of each of them as shares of a level's width and height.
            spatial_shapes_list: Height and width of each level.

        Returns:
            float (B, S, D), and the attention (B, S, heads, L, P).
        """
        asking = hidden_states + position_embeddings
        places = (*hidden_states.shape[:2], self.heads)
        value = self.value_proj(encoder_hidden_states)
        # Asking costs a GPU more than filling.
        if attention_mask is not None and (value.device.type != "cpu" or attention_mask.any()):
            value = value.masked_fill(attention_mask[..., None], 0.0)
        value = value.view(*places, -1)
        offsets = self.sampling_offsets(asking).view(*places, self.levels, self.points, 2)
        attention = self.attention_weights(asking).view(*places, self.levels * self.points).softmax(-1)
        attention = attention.view(*places, self.levels, self.points)
        size = torch.tensor([(width, height) for height, width in spatial_shapes_list], device=value.device)
        if value.device.type == "cpu":
            middle = reference_points * size - 0.5
            points = middle[:, :, None, :, None] + offsets
            seen = deformable_attention(value, spatial_shapes_list, points, attention)
        else:
            points = reference_points[:, :, None, :, None] + offsets / size[:, None]
            seen = multi_scale_deformable_attention(value, spatial_shapes_list, points, attention)
        return self.output_proj(seen), attention


def _framed(value: Tensor, shapes: Sequence[tuple[int, int]]) -> tuple[Tensor, Tensor]:
    """The levels, each with its ring of zeros, as (B, S', heads, D), and where each begins."""
    pieces, starts, start = [], [], 0
    for (height, width), level in zip(
        shapes, value.split([height * width for height, width in shapes], dim=1), strict=True
    ):
        image = level.reshape(len(value), height, width, -1)
        ring = (0, 0, BEFORE, AROUND - BEFORE, BEFORE, AROUND - BEFORE)
        pieces.append(functional.pad(image, ring).flatten(1, 2))
        starts.append(start)
        start += (height + AROUND) * (width + AROUND)
    framed = torch.cat(pieces, dim=1).view(len(value), start, *value.shape[2:])
    return framed, torch.tensor(starts, device=value.device)
