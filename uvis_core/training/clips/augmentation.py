"""Images with their masks, changed together: one transform for both, and nothing that outlives a frame."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image, ImageEnhance

from uvis_core.model.images import resized_size
from uvis_core.training.clips.draws import View
from uvis_core.training.dataset import resize_masks


@dataclass(frozen=True)
class MaskedImage:
    """An image and the masks of its objects.

    Attributes:
        pixels: uint8 RGB (H, W, 3).
        masks: bool (N, H, W); they may overlap, and may be empty.
    """

    pixels: np.ndarray
    masks: np.ndarray

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]


def limited_size(height: int, width: int, short_side: int, long_side: int) -> tuple[int, int]:
    """Height and width after scaling to a shorter side, or to a longer side where that would be exceeded."""
    wanted = resized_size(height, width, short_side)
    if max(wanted) <= long_side:
        return wanted
    scale = long_side / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def scaled(image: MaskedImage, size: tuple[int, int]) -> MaskedImage:
    """Scale to a height and width: pixels bilinearly, masks by the nearest pixel."""
    if size == image.size:
        return image
    pixels = Image.fromarray(image.pixels).resize((size[1], size[0]), Image.Resampling.BILINEAR)
    return MaskedImage(np.asarray(pixels), resize_masks(torch.from_numpy(image.masks), size).numpy())


def mirrored(image: MaskedImage) -> MaskedImage:
    """Mirror left to right."""
    return MaskedImage(
        np.ascontiguousarray(image.pixels[:, ::-1]), np.ascontiguousarray(image.masks[:, :, ::-1])
    )


def seen(image: MaskedImage, view: View) -> MaskedImage:
    """One frame of a clip: brightness, contrast, rotation with black corners, crop."""
    picture = ImageEnhance.Brightness(Image.fromarray(image.pixels)).enhance(view.brightness)
    picture = ImageEnhance.Contrast(picture).enhance(view.contrast)
    centre = view.centre[0] * image.size[1], view.centre[1] * image.size[0]

    def rotated(plane: Image.Image, resampling: Image.Resampling) -> np.ndarray:
        return np.asarray(plane.rotate(view.angle_deg, resampling, center=centre))

    pixels = rotated(picture, Image.Resampling.BILINEAR)
    masks = _by_planes(image.masks, lambda plane: rotated(plane, Image.Resampling.NEAREST))
    top, left, height, width = view.window
    rows, columns = slice(top, top + height), slice(left, left + width)
    return MaskedImage(pixels[rows, columns], masks[:, rows, columns])


def _by_planes(masks: np.ndarray, change: Callable[[Image.Image], np.ndarray]) -> np.ndarray:
    """Change masks eight at a time, as the bits of one grey image; the change must keep values as they are."""
    changed = np.empty_like(masks)
    for start in range(0, len(masks), 8):
        # By hand: numpy's packing along the first axis takes several times as long as the rotation.
        plane = np.zeros(masks.shape[1:], dtype=np.uint8)
        for bit, mask in enumerate(masks[start : start + 8]):
            plane |= mask.view(np.uint8) << np.uint8(bit)
        moved = change(Image.fromarray(plane))
        for bit, mask in enumerate(changed[start : start + 8]):
            mask[:] = moved & np.uint8(1 << bit)
    return changed
