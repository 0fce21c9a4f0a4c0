"""Frames into network input: resized, normalised, padded."""

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image

from uvis_core.io.images import PIXEL_MEAN, PIXEL_STD

STRIDE = 32


def resized_size(height: int, width: int, short_side: int) -> tuple[int, int]:
    """Height and width in pixels after scaling the shorter side to ``short_side``, aspect kept, rounded."""
    scale = short_side / min(height, width)
    return max(1, int(height * scale + 0.5)), max(1, int(width * scale + 0.5))


def resize_frame(frame: np.ndarray, short_side: int) -> np.ndarray:
    """Resize uint8 RGB of shape (H, W, 3) bilinearly to a shorter side of ``short_side`` pixels."""
    height, width = resized_size(frame.shape[0], frame.shape[1], short_side)
    if (height, width) == frame.shape[:2]:
        return frame
    return np.asarray(Image.fromarray(frame).resize((width, height), Image.Resampling.BILINEAR))


def padded_size(sizes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The smallest height and width that hold all ``sizes`` and are multiples of the network's stride, 32."""
    height, width = max(size[0] for size in sizes), max(size[1] for size in sizes)
    return -(-height // STRIDE) * STRIDE, -(-width // STRIDE) * STRIDE


def batch_images(
    images: Sequence[torch.Tensor], device: torch.device, size: tuple[int, int] | None = None
) -> torch.Tensor:
    """Normalise images and pad them at the right and bottom with zeros, which is the mean colour.

    The network takes no padding mask: Mask2Former, as published and in transformers, attends to padding too.

    Args:
        images: B uint8 RGB tensors of shape (3, H_i, W_i).
        device: Where the batch is made.
        size: Padded height and width; the smallest that fits where left out.

    Returns:
        float32 of shape (B, 3, H, W), H and W multiples of 32.
    """
    height, width = size or padded_size([(image.shape[1], image.shape[2]) for image in images])
    mean = torch.tensor(PIXEL_MEAN, device=device).view(3, 1, 1)
    std = torch.tensor(PIXEL_STD, device=device).view(3, 1, 1)
    layout = torch.channels_last if device.type == "cuda" else torch.contiguous_format
    batch = torch.empty((len(images), 3, height, width), device=device, memory_format=layout).zero_()
    for slot, image in zip(batch, images, strict=True):
        slot[:, : image.shape[1], : image.shape[2]] = (
            image.to(device, non_blocking=True).float() - mean
        ) / std
    return batch
