"""Drawing a scene's frames with anti-aliasing, and the exact visible mask of every thing."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from uvis_core.toy.scene import CAMERA_REACH_PX, Scene, Thing
from uvis_core.toy.textures import Texture

SUPERSAMPLING = 4


@dataclass(frozen=True)
class RenderedFrame:
    """One drawn frame of a scene with N things.

    Attributes:
        image: uint8 (H, W, 3) RGB.
        masks: bool (N, H, W), visible pixels of each thing; no pixel belongs to two.
        whole_px: int64 (N,) pixels of each thing inside the frame, were nothing before it.
    """

    image: NDArray[np.uint8]
    masks: NDArray[np.bool_]
    whole_px: NDArray[np.int64]


def render_frame(scene: Scene, moment: int) -> RenderedFrame:
    """Draw one frame.

    Args:
        scene: what to draw.
        moment: index 0 ... T-1 of the scene's moments.

    Returns:
        The frame. A pixel belongs to the nearest thing that covers at least half of it.
    """
    height, width = scene.height, scene.width
    shift = scene.camera_px[moment]
    canvas = _background(scene, shift)
    nearest = np.full((height, width), -1, np.int32)
    whole = np.zeros(len(scene.things), np.int64)
    for place, thing in enumerate(scene.things):
        layer = _layer(thing, moment, shift, height, width)
        if layer is None:
            continue
        rows, columns, cover, colour = layer
        canvas[rows, columns] += cover[..., None] * (colour - canvas[rows, columns])
        solid = cover >= 0.5
        nearest[rows, columns][solid] = place
        whole[place] = np.count_nonzero(solid)
    masks = nearest[None] == np.arange(len(scene.things), dtype=np.int32)[:, None, None]
    blurred = np.asarray(cv2.GaussianBlur(canvas, (0, 0), scene.blur_px), np.float32)
    noise = np.random.default_rng((scene.noise_seed, moment)).standard_normal(blurred.shape, dtype=np.float32)
    image = np.clip(blurred + scene.noise * noise + 0.5, 0, 255).astype(np.uint8)
    return RenderedFrame(image, masks, whole)


def _background(scene: Scene, shift: NDArray[np.float64]) -> NDArray[np.float32]:
    offset = shift + CAMERA_REACH_PX
    to_background = np.array([[1, 0, offset[0]], [0, 1, offset[1]]])
    return _warp(scene.background, to_background, (scene.width, scene.height))


def _layer(
    thing: Thing, moment: int, shift: NDArray[np.float64], height: int, width: int
) -> tuple[slice, slice, NDArray[np.float32], NDArray[np.float32]] | None:
    """Rows and columns of a thing's window in the frame, its coverage (h, w) in 0-1 and its colour (h, w, 3).

    None where the thing lies outside the frame.
    """
    centre = thing.centres_px[moment] - shift
    radius, angle = thing.radii_px[moment], thing.angles[moment]
    low = np.maximum(np.floor(centre - radius).astype(int), 0)
    high = np.minimum(np.ceil(centre + radius).astype(int) + 1, (width, height))
    if (low >= high).any():
        return None
    window = (int(high[0] - low[0]), int(high[1] - low[1]))
    turn = radius * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    fine = np.zeros((window[1] * SUPERSAMPLING, window[0] * SUPERSAMPLING), np.uint8)
    # Corners of pixels lie at whole numbers here, their centres at halves; fillPoly counts from centres.
    polygons = [(polygon @ turn.T + centre - low) * SUPERSAMPLING - 0.5 for polygon in thing.polygons]
    fixed_point = [np.round(polygon * 256).astype(np.int32) for polygon in polygons]
    cv2.fillPoly(fine, fixed_point, 255, lineType=cv2.LINE_8, shift=8)
    cover = cv2.resize(fine, window, interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255)

    # Window pixel -> frame -> unit disk -> texture pixel.
    texels = (thing.texture.shape[0] - 1) / 2
    back = np.linalg.inv(turn) * texels
    origin = back @ (low + 0.5 - centre) + texels
    to_texture = np.column_stack([back, origin])
    colour = _warp(thing.texture, to_texture, window)
    return slice(low[1], high[1]), slice(low[0], high[0]), cover, colour


def _warp(source: Texture, to_source: NDArray[np.float64], size: tuple[int, int]) -> Texture:
    """Sample ``source`` bilinearly on a grid of ``size`` (width, height); ``to_source`` is affine (2, 3)."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(source, to_source, size, flags=flags, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(warped, np.float32)
