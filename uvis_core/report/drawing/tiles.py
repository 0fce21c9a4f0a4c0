"""One label cut out of its frame, as a small picture that a page can carry in itself."""

import io

import numpy as np
from PIL import Image

from uvis_core.drawing.pictures import draw_masks, resize_image, resize_masks
from uvis_core.io.rle import decode_masks
from uvis_core.report.drawing.clips import FILM, data_uri

TILE_PX = 176
# What lies around an object helps to tell what it is.
MARGIN = 0.35
LEAST_SIDE_PX = 16
TILE_FILL = 0.12
TILE_QUALITY = 82


def draw_tile(image: np.ndarray, rle_counts: str, mask_px: tuple[int, int], colour: np.ndarray) -> np.ndarray:
    """Cut an object out with some of its surroundings, its outline drawn, in the middle of a dark square.

    Args:
        image: uint8 RGB of shape (H, W, 3).
        rle_counts: Run lengths of the object's mask.
        mask_px: Height and width of the frame that the run lengths describe; the image may be as large or not.
        colour: uint8 RGB of shape (3,).

    Returns:
        uint8 RGB of shape (TILE_PX, TILE_PX, 3).
    """
    height, width = mask_px
    mask = decode_masks([rle_counts], height, width)[0]
    if image.shape[:2] != (height, width):
        image = resize_image(image, height, width)
    rows, columns = window(mask)
    cut, cut_mask = image[rows, columns], mask[rows, columns]
    scale = TILE_PX / max(cut.shape[:2])
    size = [max(1, round(side * scale)) for side in cut.shape[:2]]
    drawn = draw_masks(
        resize_image(cut, *size), resize_masks(cut_mask[None], *size), colour[None], [""], fill=TILE_FILL
    )
    tile = np.full((TILE_PX, TILE_PX, 3), FILM, dtype=np.uint8)
    top, left = ((TILE_PX - side) // 2 for side in size)
    tile[top : top + size[0], left : left + size[1]] = drawn
    return tile


def window(mask: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns of a mask's surroundings inside its frame; the whole frame where the mask is empty."""
    slices = []
    filled = [np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0)]
    side = max((int(places[-1] - places[0]) + 1 for places in filled if len(places)), default=0)
    for places, length in zip(filled, mask.shape, strict=True):
        if not len(places):
            slices.append(slice(0, length))
            continue
        around = round(MARGIN * max(side, LEAST_SIDE_PX))
        # Long objects keep their shape, but not less of their surroundings than their longer side asks for.
        slices.append(slice(max(0, int(places[0]) - around), min(length, int(places[-1]) + 1 + around)))
    return slices[0], slices[1]


def tile_uri(tile: np.ndarray) -> str:
    """A tile as a JPEG inside a data URI."""
    encoded = io.BytesIO()
    Image.fromarray(tile).save(encoded, "JPEG", quality=TILE_QUALITY)
    return data_uri("image/jpeg", encoded.getvalue())
