"""Run-length encoded masks in COCO's compressed form.

COCO run lengths go down the columns; ``counts`` is the ASCII text that the YTVIS, OVIS and COCO files carry, as text
or as its bytes.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from pycocotools import mask as coco

from uvis_core.io.errors import UserError

FARTHEST = 2**16
"""Coordinates of polygons lie nearer to the frame, pixels."""


def encode_masks(masks: np.ndarray) -> list[str]:
    """Encode boolean masks of shape (N, H, W) to N compressed run-length texts."""
    if masks.ndim != 3:
        raise ValueError(f"masks must have shape (N, H, W), got {masks.shape}")
    if len(masks) == 0:
        return []
    columns_first = np.asfortranarray(masks.transpose(1, 2, 0).astype(np.uint8))
    return [rle["counts"].decode("ascii") for rle in coco.encode(columns_first)]


def compressed(segmentation: Any, height: int, width: int) -> bytes:
    """Compressed run lengths of one mask as json files of YTVIS, OVIS and COCO give it.

    Args:
        segmentation: Run lengths with ``size`` and ``counts``, these compressed or as a list, or a list of polygons.
        height: Height of the frame, pixels.
        width: Width of the frame, pixels.

    Raises:
        ValueError: It is none of these, or has another size.
    """
    if isinstance(segmentation, list):
        if not segmentation:
            raise ValueError("a list without any polygon")
        for polygon in segmentation:
            _check_polygon(polygon)
        return coco.merge(coco.frPyObjects(segmentation, height, width))["counts"]
    if not isinstance(segmentation, dict) or "size" not in segmentation or "counts" not in segmentation:
        raise ValueError("neither a run-length mask with size and counts, nor polygons, nor null")
    size, counts = segmentation["size"], segmentation["counts"]
    if size != [height, width]:
        raise ValueError(f"the mask's size is {size}, the video's {[height, width]} (height, width)")
    if isinstance(counts, str):
        return counts.encode("ascii")
    if isinstance(counts, list):
        return coco.frPyObjects(segmentation, height, width)["counts"]
    if not isinstance(counts, bytes):
        raise ValueError(f"counts are {type(counts).__name__}, neither a text nor a list")
    return counts


def _check_polygon(polygon: Any) -> None:
    """Refuse what the compiled code would trust; it holds every point along an edge in memory."""
    if not isinstance(polygon, list) or len(polygon) < 6 or len(polygon) % 2:
        raise ValueError("a polygon needs a list of at least six coordinates, x and y in turn")
    for value in polygon:
        if not isinstance(value, int | float) or not abs(value) < FARTHEST:
            raise ValueError(f"a coordinate of a polygon is {value!r}")


def to_coco(counts: str | bytes, height: int, width: int) -> dict[str, Any]:
    """One mask in the form that pycocotools takes: ``{"size": [H, W], "counts": bytes}``."""
    text = counts.encode("ascii") if isinstance(counts, str) else counts
    return {"size": [int(height), int(width)], "counts": text}


def decode_masks(counts: Sequence[str | bytes], height: int, width: int) -> np.ndarray:
    """Decode N run-length texts of one size to a bool array of shape (N, H, W).

    Raises:
        UserError: A text does not describe ``height * width`` pixels.
    """
    if len(counts) == 0:
        return np.zeros((0, height, width), dtype=bool)
    try:
        pixels = coco.decode([to_coco(text, height, width) for text in counts])
    except ValueError as error:
        raise UserError(
            f"a run-length mask does not fit its size of {height} x {width} pixels ({error})",
            fix="the table or json that it came from is damaged or has a wrong height or width: make it "
            "again",
        ) from error
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)).astype(bool)


def mask_areas(counts: Sequence[str | bytes], height: int, width: int) -> np.ndarray:
    """Pixel counts, int64 of shape (N,), without decoding."""
    if len(counts) == 0:
        return np.zeros(0, dtype=np.int64)
    # pycocotools counts the masks of one call in eight bits.
    batches = (counts[start : start + 255] for start in range(0, len(counts), 255))
    areas = [coco.area([to_coco(text, height, width) for text in batch]) for batch in batches]
    return np.concatenate(areas).astype(np.int64)


def mask_boxes(counts: Sequence[str | bytes], height: int, width: int) -> np.ndarray:
    """Tight boxes as x0, y0, x1, y1 in pixels (right and bottom exclusive), float32 of shape (N, 4)."""
    if len(counts) == 0:
        return np.zeros((0, 4), dtype=np.float32)
    xywh = coco.toBbox([to_coco(text, height, width) for text in counts])
    return np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1).astype(np.float32)
