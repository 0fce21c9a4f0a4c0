"""Pictures of single labels: the surroundings of a mask, its outline on them."""

from io import BytesIO

import numpy as np
from PIL import Image

from uvis_core.drawing.pictures import PALETTE, draw_masks, resize_image, resize_masks
from uvis_core.explorer.chains import read_boxes
from uvis_core.explorer.rows import Rows
from uvis_core.explorer.videos import Videos
from uvis_core.io.rle import decode_masks

SIDE_PX = 192
MARGIN = 0.35
"""Of the box's longer side, on every side of it: enough to tell what it is part of."""


def crop_picture(rows: Rows, videos: Videos, row: int) -> np.ndarray:
    """A square cut out of the frame around a mask, uint8 (SIDE_PX, SIDE_PX, 3); black beyond the frame's edge.

    Raises:
        UserError: A file cannot be read.
    """
    name = rows.video_names[rows.videos[row]]
    frames = videos.frames(name)
    image = videos.image(name, int(np.searchsorted(frames.indices, rows.frame_indices[row])))
    box = read_boxes(rows, videos.split, np.array([row]))[0]
    text = videos.run_lengths(int(rows.shards[row]), int(rows.mask_rows[row]))
    mask = decode_masks([text], *image.shape[:2])[0]
    centre = (box[:2] + box[2:]) / 2
    half = max(float((box[2:] - box[:2]).max()) * (0.5 + MARGIN), 4.0)
    left, top = np.floor(centre - half).astype(int)
    side = int(np.ceil(2 * half))
    picture = resize_image(_window(image, left, top, side), SIDE_PX, SIDE_PX)
    outline = resize_masks(_window(mask[..., None], left, top, side)[..., 0][None], SIDE_PX, SIDE_PX)
    colour = PALETTE[int(rows.classes(np.array([row]))[0]) % len(PALETTE)]
    return draw_masks(picture, outline, colour[None], [""], fill=0.0)


def _window(pixels: np.ndarray, left: int, top: int, side: int) -> np.ndarray:
    """A square of an array (H, W, K), zero where it reaches beyond."""
    height, width = pixels.shape[:2]
    window = np.zeros((side, side, pixels.shape[2]), dtype=pixels.dtype)
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + side, width), min(top + side, height)
    if x0 < x1 and y0 < y1:
        window[y0 - top : y1 - top, x0 - left : x1 - left] = pixels[y0:y1, x0:x1]
    return window


def jpeg(image: np.ndarray, quality: int = 88) -> bytes:
    """An image as JPEG."""
    encoded = BytesIO()
    Image.fromarray(image).save(encoded, format="jpeg", quality=quality)
    return encoded.getvalue()
