"""Cutting the box of a mask out of its frame."""

import math

import numpy as np
from PIL import Image, ImageFilter

from uvis_core.config.crops import Background

BLUR_RADIUS_SHARE = 0.1
"""Radius of the background's Gaussian blur, as a share of the crop's long side: shapes vanish, colours stay."""


def crop_window(box_xyxy_px: np.ndarray, margin: float, height: int, width: int) -> tuple[int, int, int, int]:
    """Whole pixels of a box with its margin, inside the frame.

    Args:
        box_xyxy_px: (4,) left, top, right, bottom.
        margin: Added on each side, as a share of the box's width and height.
        height: Of the frame, pixels.
        width: Of the frame, pixels.

    Returns:
        Left, top, right, bottom; right and bottom exclusive; never empty, even for a box outside the frame.
    """
    left, top, right, bottom = (float(value) for value in box_xyxy_px)
    wider, higher = margin * (right - left), margin * (bottom - top)
    x0 = min(max(math.floor(left - wider), 0), width - 1)
    y0 = min(max(math.floor(top - higher), 0), height - 1)
    x1 = max(min(math.ceil(right + wider), width), x0 + 1)
    y1 = max(min(math.ceil(bottom + higher), height), y0 + 1)
    return x0, y0, x1, y1


def cut_crop(
    image: np.ndarray,
    box_xyxy_px: np.ndarray,
    mask: np.ndarray | None,
    *,
    margin: float,
    background: Background,
    square_padding: bool,
    fill_rgb: tuple[int, int, int],
) -> Image.Image:
    """Cut one crop.

    Args:
        image: uint8 (H, W, 3) RGB, the frame.
        box_xyxy_px: (4,) left, top, right, bottom.
        mask: bool (H, W); only needed where the background is not kept.
        margin: As ``crop_window`` takes it.
        background: What happens to pixels outside the mask.
        square_padding: Whether the crop is put in the middle of a square of ``fill_rgb``.
        fill_rgb: Also the colour of background ``mean``.
    """
    x0, y0, x1, y1 = crop_window(box_xyxy_px, margin, *image.shape[:2])
    crop = Image.fromarray(image[y0:y1, x0:x1])
    if background != "keep":
        if mask is None:
            raise ValueError(f"background {background!r} needs the mask")
        blurred = crop.filter(ImageFilter.GaussianBlur(BLUR_RADIUS_SHARE * max(crop.size)))
        behind = Image.new("RGB", crop.size, fill_rgb) if background == "mean" else blurred
        crop = Image.composite(crop, behind, Image.fromarray(mask[y0:y1, x0:x1]))
    if square_padding and crop.width != crop.height:
        side = max(crop.size)
        square = Image.new("RGB", (side, side), fill_rgb)
        square.paste(crop, ((side - crop.width) // 2, (side - crop.height) // 2))
        return square
    return crop
