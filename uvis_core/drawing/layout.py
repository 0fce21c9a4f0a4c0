"""Strips with words above and below drawn pictures."""

import numpy as np
from PIL import Image, ImageDraw

from uvis_core.drawing.pictures import tag_font

FILM = (20, 22, 25)
LETTERS = (236, 238, 240)


def strip_px(picture_width: int, share: float) -> int:
    """Height of a strip that is ``share`` of a picture's width, even and high enough for small letters."""
    return 2 * max(6, round(picture_width * share / 2))


def heading(title: str, width: int, height: int) -> np.ndarray:
    """A strip with a title, uint8 RGB of shape (height, width, 3)."""
    strip = Image.new("RGB", (width, height), FILM)
    font = tag_font(round(0.54 * height))
    ImageDraw.Draw(strip).text((4, height / 2), title, font=font, fill=LETTERS, anchor="lm")
    return np.asarray(strip)
