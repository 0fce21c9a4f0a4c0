"""Convolutions of 3 × 3 with a quarter of the multiplications, for CPUs (Lavin and Gray [1], section 4.3).

Winograd's minimal filtering F(4 × 4, 3 × 3): sixteen neighbouring outputs of a channel are computed from six by six
inputs by 36 products in place of 144, Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A. Summed over the channels of the input the
products are 36 multiplications of matrices. The result differs from that of the plain sum by rounding alone.

References:
    [1] Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, CVPR 2016.
"""

from typing import TypeGuard

import torch
from torch import Tensor, nn
from torch.nn import functional

KERNEL, OUTPUTS = 3, 4
INPUTS = OUTPUTS + KERNEL - 1
# Tiles at a time: what is made of them stays in the cache, and the matrices are large enough.
TILES = 64
# Below, tiles cost more to transform than is won by fewer products.
FEWEST_CHANNELS = 128

OF_INPUTS = (
    (4, 0, -5, 0, 1, 0),
    (0, -4, -4, 1, 1, 0),
    (0, 4, -4, -1, 1, 0),
    (0, -2, -1, 2, 1, 0),
    (0, 2, -1, -2, 1, 0),
    (0, 4, 0, -5, 0, 1),
)
OF_KERNEL = (
    (1 / 4, 0, 0),
    (-1 / 6, -1 / 6, -1 / 6),
    (-1 / 6, 1 / 6, -1 / 6),
    (1 / 24, 1 / 12, 1 / 6),
    (1 / 24, -1 / 12, 1 / 6),
    (0, 0, 1),
)
OF_PRODUCTS = (
    (1, 1, 1, 1, 1, 0),
    (0, 1, -1, 2, -2, 0),
    (0, 1, 1, 4, 4, 0),
    (0, 1, -1, 8, -8, 1),
)


def suits(module: nn.Module) -> TypeGuard[nn.Conv2d]:
    """Whether the module is a convolution that ``WinogradConv2d`` can stand for, and is worth it."""
    return (
        isinstance(module, nn.Conv2d)
        and getattr(module, "norm", None) is None
        and isinstance(getattr(module, "activation", None), nn.ReLU | None)
        and module.kernel_size == (KERNEL, KERNEL)
        and module.stride == module.padding == module.dilation == (1, 1)
        and module.groups == 1
        and module.padding_mode == "zeros"
        and min(module.in_channels, module.out_channels) >= FEWEST_CHANNELS
    )


def use_winograd(network: nn.Module) -> None:
    """Replace what ``suits`` in a network for inference in float32 on a CPU; detectron2's ``activation`` is kept."""
    for parent in list(network.modules()):
        for name, child in parent.named_children():
            if suits(child):
                rectified = getattr(child, "activation", None) is not None
                setattr(parent, name, WinogradConv2d(child, rectified=rectified))


class WinogradConv2d(nn.Module):
    """Stands for a convolution in inference in float32.

    Args:
        original: Of kernel 3 × 3, stride 1 and padding 1; its weights are taken over as they are now.
        rectified: Negative values become zero.
    """

    kernel: Tensor
    bias: Tensor
    of_inputs: Tensor
    of_products: Tensor

    def __init__(self, original: nn.Conv2d, *, rectified: bool = False) -> None:
        super().__init__()
        self.rectified = rectified
        weight = original.weight.detach().double()
        taps = weight.permute(2, 3, 1, 0).reshape(KERNEL, KERNEL, -1)
        kernel = _both_axes(torch.tensor(OF_KERNEL, dtype=torch.float64), taps).float()
        bias = torch.zeros(original.out_channels) if original.bias is None else original.bias.detach()
        self.register_buffer("kernel", kernel.view(INPUTS**2, original.in_channels, original.out_channels))
        self.register_buffer("bias", bias)
        self.register_buffer("of_inputs", torch.tensor(OF_INPUTS, dtype=torch.float32))
        self.register_buffer("of_products", torch.tensor(OF_PRODUCTS, dtype=torch.float32))

    def forward(self, image: Tensor) -> Tensor:
        """Convolve.

        Args:
            image: float32 (B, C, H, W); quickest channels-last.

        Returns:
            float32 (B, D, H, W), channels-last.
        """
        batch, _, height, width = image.shape
        rows, columns = -(-height // OUTPUTS), -(-width // OUTPUTS)
        around = (0, 0, 1, columns * OUTPUTS + 1 - width, 1, rows * OUTPUTS + 1 - height)
        padded = functional.pad(image.permute(0, 2, 3, 1), around)
        tiles = padded.unfold(1, INPUTS, OUTPUTS).unfold(2, INPUTS, OUTPUTS)
        tiles = tiles.permute(4, 5, 0, 1, 2, 3)  # (6, 6, B, rows, columns, C)
        out = image.new_empty((batch, rows, OUTPUTS, columns, OUTPUTS, len(self.bias)))
        by_tile = out.permute(2, 4, 0, 1, 3, 5)  # (4, 4, B, rows, columns, D)
        images = max(1, TILES // max(1, rows * columns))
        lines = max(1, TILES // max(1, columns))
        for first in range(0, batch, images):
            for top in range(0, rows, lines):
                part = (slice(None), slice(None), slice(first, first + images), slice(top, top + lines))
                self._convolve(tiles[part], by_tile[part])
        whole = out.view(batch, rows * OUTPUTS, columns * OUTPUTS, len(self.bias))[:, :height, :width]
        return whole.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)

    def _convolve(self, tiles: Tensor, out: Tensor) -> None:
        """Fill ``out``, float32 (4, 4, …, D), from ``tiles``, float32 (6, 6, …, C)."""
        _, channels, width = self.kernel.shape
        seen = _both_axes(self.of_inputs, tiles.reshape(INPUTS, INPUTS, -1))
        products = torch.bmm(seen.view(INPUTS**2, -1, channels), self.kernel)
        summed = _both_axes(self.of_products, products.view(INPUTS, INPUTS, -1)).view(-1, width)
        summed += self.bias
        if self.rectified:
            summed.relu_()
        out.copy_(summed.view(out.shape))


def _both_axes(matrix: Tensor, values: Tensor) -> Tensor:
    """M X Mᵀ for a matrix M (m, n) and each of N matrices X, as (n, n, N) to (m, m, N)."""
    (after, before), number = matrix.shape, values.shape[2]
    rows = (matrix @ values.reshape(before, before * number)).view(after, before, number)
    return torch.bmm(matrix.expand(after, -1, -1), rows)
