"""What is drawn for a clip: how each frame looks at the image, and where objects of another image are pasted.

Everything follows from the size of the image, before it is read, so the size of a clip is known without decoding.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from uvis_core.config.clips import ClipSettings


@dataclass(frozen=True)
class View:
    """How one frame of a clip looks at its image.

    Attributes:
        brightness: Factor.
        contrast: Factor.
        angle_deg: Rotation, counter-clockwise, degrees.
        centre: Of the rotation: x and y in shares of width and height.
        window: The part that is kept: top, left, height and width, pixels.
    """

    brightness: float
    contrast: float
    angle_deg: float
    centre: tuple[float, float]
    window: tuple[int, int, int, int]


@dataclass(frozen=True)
class Placement:
    """Where the image that is pasted from lies on one frame.

    Attributes:
        scale: Its height and width, in shares of the frame's.
        offset: Its top and left, in shares of the room that it leaves.
    """

    scale: float
    offset: tuple[float, float]


def draw_view(random: np.random.Generator, size: tuple[int, int], settings: ClipSettings) -> View:
    """Draw one frame's view of an image of ``size`` (height, width) pixels."""
    brightness, contrast = random.uniform(*settings.brightness), random.uniform(*settings.contrast)
    angle = random.uniform(-settings.rotation_deg, settings.rotation_deg)
    x, y = random.uniform(*settings.rotation_centre, size=2)
    height, width = (min(side, int(random.integers(*settings.crop_px, endpoint=True))) for side in size)
    top, left = int(random.integers(size[0] - height + 1)), int(random.integers(size[1] - width + 1))
    return View(brightness, contrast, angle, (float(x), float(y)), (top, left, height, width))


def draw_placement(random: np.random.Generator, settings: ClipSettings) -> Placement:
    """Draw where the image that is pasted from lies on one frame."""
    down, right = random.random(2)
    return Placement(random.uniform(*settings.paste_scale), (float(down), float(right)))


def clip_size(views: Sequence[View]) -> tuple[int, int]:
    """Height and width in pixels that hold all frames of a clip."""
    return max(view.window[2] for view in views), max(view.window[3] for view in views)
