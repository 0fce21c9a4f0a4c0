"""Images in which every object has a colour of its own on black, so that a mask can be compared with what is seen."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import ndimage

from tests.training.made import frame, write_frames
from uvis_core.io.images import write_image
from uvis_core.io.rle import encode_masks
from uvis_core.training.clips.augmentation import MaskedImage

COLOURS = np.array(
    [(200, 0, 0), (0, 200, 0), (0, 0, 200), (200, 200, 0), (0, 200, 200), (200, 0, 200)], np.uint8
)

Box = tuple[int, int, int, int]
"""Top, left, bottom and right of an object, the last two exclusive."""


def painted(size: tuple[int, int], boxes: Sequence[Box], first: int = 0) -> MaskedImage:
    """Rectangles in the colours from ``first`` on; the later ones must not lie on the earlier ones."""
    masks = np.zeros((len(boxes), *size), dtype=bool)
    for mask, (top, left, bottom, right) in zip(masks, boxes, strict=True):
        mask[top:bottom, left:right] = True
    assert masks.sum(0).max(initial=0) <= 1
    return MaskedImage(repainted(masks, range(first, first + len(boxes))), masks)


def repainted(masks: np.ndarray, colours: Sequence[int]) -> np.ndarray:
    """The picture, uint8 (H, W, 3), that shows masks (N, H, W) in their colours."""
    pixels = np.zeros((*masks.shape[1:], 3), dtype=np.uint8)
    for mask, colour in zip(masks, colours, strict=True):
        pixels[mask] = COLOURS[colour]
    return pixels


def assert_moved_together(
    pixels: np.ndarray, masks: np.ndarray, colours: Sequence[int], reach: int = 1
) -> None:
    """See that what has exactly an object's colour is in its mask, and what is ``reach`` inside the mask has it.

    Between the two lie the edges, which are mixed of both sides in the image and belong to one of them in the mask; the
    border of the picture is such an edge, too.
    """
    for mask, colour in zip(masks.astype(bool), colours, strict=True):
        shown = (pixels == COLOURS[colour]).all(-1)
        assert not (shown & ~mask).any()
        inside = ndimage.binary_erosion(mask, np.ones((3, 3)), iterations=reach)
        assert not (inside & ~shown).any()


def write_painted(folder: Path, images: Sequence[MaskedImage], first: Sequence[int]) -> Path:
    """Write one video of one frame per image; the class of an object is the number of its colour."""
    rows = []
    for number, (image, start) in enumerate(zip(images, first, strict=True)):
        path = folder / f"{number}.png"
        write_image(path, image.pixels)
        labels = list(enumerate(encode_masks(image.masks), start))
        rows.append(frame(number, 0, str(path), image.size, labels))
    return write_frames(folder / "samples.arrow", rows, class_ids=range(len(COLOURS)))
