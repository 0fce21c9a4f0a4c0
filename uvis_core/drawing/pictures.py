"""Masks with contours and name tags drawn on a frame."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

# Okabe and Ito's colours, told apart with any colour vision (jfly.uni-koeln.de/color); the two dark ones are
# lightened so that they stand out on dark frames.
PALETTE = np.array(
    [
        (86, 180, 233),
        (240, 160, 20),
        (30, 200, 145),
        (240, 228, 66),
        (235, 100, 30),
        (225, 135, 190),
        (70, 125, 255),
        (225, 225, 225),
    ],
    dtype=np.uint8,
)
# Marks are red boxes with a light rim: no object is drawn as a box, so their shape alone tells them apart.
MARK, MARK_RIM = (208, 0, 48), (255, 255, 255)
FILL_OPACITY = 0.38
TAG_PADDING_PX = 3


@cache
def tag_font(size_px: int) -> ImageFont.FreeTypeFont:
    """The font of all text on frames; it comes with matplotlib, so every machine draws the same."""
    path = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans-Bold.ttf")
    return ImageFont.truetype(str(path), size_px, layout_engine=ImageFont.Layout.BASIC)


def _tag_font_for(width: int) -> ImageFont.FreeTypeFont:
    """The font of tags on a picture so many pixels wide."""
    return tag_font(int(np.clip(width / 25, 8, 24)))


def draw_masks(
    image: np.ndarray,
    masks: np.ndarray,
    colours: np.ndarray,
    texts: Sequence[str],
    fill: float = FILL_OPACITY,
) -> np.ndarray:
    """Draw translucent masks, their contours, and a name tag at the top of each.

    Small masks lie above large ones; a mask without pixels draws nothing, an empty text no tag.

    Args:
        image: uint8 RGB of shape (H, W, 3); stays as it is.
        masks: bool of shape (N, H, W).
        colours: uint8 RGB of shape (N, 3).
        texts: N tags.
        fill: Opacity of the fill, 0 to 1.

    Returns:
        uint8 RGB of shape (H, W, 3).

    Raises:
        ValueError: The shapes do not fit each other.
    """
    count = len(masks)
    if masks.shape != (count, *image.shape[:2]) or colours.shape != (count, 3) or len(texts) != count:
        raise ValueError(
            f"image {image.shape}, masks {masks.shape}, colours {colours.shape} and {len(texts)} texts"
        )
    areas = masks.sum(axis=(1, 2))
    order = [int(place) for place in np.argsort(-areas, kind="stable") if areas[place]]
    canvas = image.astype(np.float32)
    for place in order:
        # The mask's box alone: several times faster where masks are small.
        x, y, width, height = cv2.boundingRect(masks[place].view(np.uint8))
        part, mask = canvas[y : y + height, x : x + width], masks[place, y : y + height, x : x + width]
        np.copyto(part, part + fill * (colours[place].astype(np.float32) - part), where=mask[:, :, None])
    drawn = np.clip(canvas + 0.5, 0, 255).astype(np.uint8)
    thickness = max(1, round(image.shape[1] / 170))
    for place in order:
        outlines, _ = cv2.findContours(masks[place].astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(drawn, outlines, -1, colours[place].tolist(), thickness, cv2.LINE_AA)
    return _draw_tags(
        drawn, [(masks[place], colours[place], texts[place]) for place in order if texts[place]]
    )


def draw_numbered(
    image: np.ndarray, masks: Sequence[np.ndarray], colours: Sequence[int], texts: Sequence[str]
) -> np.ndarray:
    """Draw masks of any size on a picture, brought to its own, in colours of the palette, which goes round.

    Args:
        image: uint8 RGB of shape (H, W, 3); stays as it is.
        masks: N bool arrays of shape (h, w), of the same picture.
        colours: N numbers of colours.
        texts: N tags.

    Returns:
        uint8 RGB of shape (H, W, 3).
    """
    height, width = image.shape[:2]
    smooth = [resize_masks(mask[None], height, width)[0] for mask in masks]
    stack = np.stack(smooth) if smooth else np.zeros((0, height, width), dtype=bool)
    return draw_masks(
        image, stack, PALETTE[[colour % len(PALETTE) for colour in colours]].reshape(-1, 3), texts
    )


def draw_mark(image: np.ndarray, box: tuple[float, float, float, float], text: str) -> np.ndarray:
    """Draw a box around an object, a little away from it, with a tag below it.

    Args:
        image: uint8 RGB of shape (H, W, 3); stays as it is.
        box: x0, y0, x1, y1 of the object in pixels.
        text: Tag.

    Returns:
        uint8 RGB of shape (H, W, 3).
    """
    height, width = image.shape[:2]
    line = max(2, round(width / 110))
    away = 2 * line
    left, top = max(0, round(box[0]) - away), max(0, round(box[1]) - away)
    right, bottom = min(width, round(box[2]) + away) - 1, min(height, round(box[3]) + away) - 1
    picture = Image.fromarray(image)
    pen = ImageDraw.Draw(picture)
    rim = line // 2
    pen.rectangle((left - rim, top - rim, right + rim, bottom + rim), outline=MARK_RIM, width=line + 2 * rim)
    pen.rectangle((left, top, right, bottom), outline=MARK, width=line)
    font = _tag_font_for(width)
    ascent, descent = font.getmetrics()
    tag_width, tag_height = int(font.getlength(text)) + 2 * TAG_PADDING_PX, ascent + descent
    x = min(max(0, (left + right - tag_width) // 2), max(0, width - tag_width))
    y = min(bottom, max(0, height - tag_height))
    pen.rounded_rectangle((x, y, x + tag_width, y + tag_height - 1), TAG_PADDING_PX, fill=MARK)
    pen.text((x + TAG_PADDING_PX, y), text, font=font, fill=MARK_RIM)
    return np.asarray(picture)


def tag_position(
    box: tuple[int, int, int, int],
    size: tuple[int, int],
    frame: tuple[int, int],
    taken: Sequence[tuple[int, ...]],
) -> tuple[int, int, int, int]:
    """Find a place for a tag: above the object, inside the frame, clear of the tags that are there already.

    Args:
        box: x0, y0, x1, y1 of the object in pixels.
        size: Width and height of the tag in pixels.
        frame: Width and height of the frame in pixels.
        taken: Boxes of earlier tags.

    Returns:
        x0, y0, x1, y1 of the tag in pixels.
    """
    x = min(max(0, (box[0] + box[2] - size[0]) // 2), max(0, frame[0] - size[0]))
    y = min(max(0, box[1] - size[1]), max(0, frame[1] - size[1]))
    # Downwards from the best place, then upwards from there; the best place itself if all are taken.
    for candidate in (*range(y, frame[1] - size[1] + 1), *range(y, -1, -1)):
        tag = (x, candidate, x + size[0], candidate + size[1])
        if not any(tag[0] < r and left < tag[2] and tag[1] < b and top < tag[3] for left, top, r, b in taken):
            return tag
    return (x, y, x + size[0], y + size[1])


def _draw_tags(image: np.ndarray, tags: Sequence[tuple[np.ndarray, np.ndarray, str]]) -> np.ndarray:
    height, width = image.shape[:2]
    font = _tag_font_for(width)
    picture = Image.fromarray(image)
    pen = ImageDraw.Draw(picture)
    ascent, descent = font.getmetrics()
    taken: list[tuple[int, ...]] = []
    for mask, colour, text in tags:
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
        size = (int(font.getlength(text)) + 2 * TAG_PADDING_PX, ascent + descent)
        tag = tag_position(box, size, (width, height), taken)
        taken.append(tag)
        # All colours of the palette are light enough for dark text (contrast at least 4.5).
        pen.rounded_rectangle(
            (tag[0], tag[1], tag[2] - 1, tag[3] - 1), TAG_PADDING_PX, fill=tuple(colour.tolist())
        )
        pen.text((tag[0] + TAG_PADDING_PX, tag[1]), text, font=font, fill=(12, 14, 16))
    return np.asarray(picture)


def resize_image(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resize uint8 RGB of shape (H, W, 3): smooth when enlarging, area mean when reducing."""
    how = cv2.INTER_AREA if height < image.shape[0] else cv2.INTER_CUBIC
    return cv2.resize(image, (width, height), interpolation=how)


def resize_masks(masks: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resize bool masks of shape (N, H, W) with smooth edges: interpolated, then cut at one half."""
    resized = [
        cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR) for mask in masks
    ]
    return np.stack(resized) >= 0.5 if resized else np.zeros((0, height, width), dtype=bool)
