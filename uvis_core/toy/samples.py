"""Independent random images and clips of the toy world, for making the small embedded models."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uvis_core.toy.render import render_frame
from uvis_core.toy.scene import draw_kinds, draw_scene
from uvis_core.toy.seeds import Purpose, generator
from uvis_core.toy.shapes import CLASSES

MIN_VISIBLE_PX = 20
"""A thing with fewer visible pixels counts as not there."""


@dataclass(frozen=True)
class ToySample:
    """A still image, or a clip of T frames, with its things.

    Attributes:
        images: uint8 (H, W, 3) RGB; a clip: (T, H, W, 3).
        masks: bool (N, H, W), visible pixels, disjoint; a clip: (N, T, H, W), empty where nothing shows.
        kinds: int64 (N,) index into ``uvis_core.toy.shapes.KINDS``; below ``len(CLASSES)`` it is the class.
        is_distractor: bool (N,).
    """

    images: NDArray[np.uint8]
    masks: NDArray[np.bool_]
    kinds: NDArray[np.int64]
    is_distractor: NDArray[np.bool_]


def model_generator(seed: int, *indices: int) -> np.random.Generator:
    """Generator for ``sample_image`` and ``sample_clip``, of a seed space that no demonstration video uses.

    Args:
        seed: of the models, >= 0.
        *indices: of the sample, worker, epoch ..., each >= 0.
    """
    return generator(seed, Purpose.MODEL_DATA, *indices)


def sample_image(rng: np.random.Generator, height: int = 128, width: int = 160) -> ToySample:
    """Draw one still image: a random moment of a random scene.

    Args:
        rng: from ``model_generator``.
        height: pixels.
        width: pixels.

    Returns:
        The image and the N >= 0 things that show at least ``MIN_VISIBLE_PX`` pixels.
    """
    clip = _sample(rng, rng.random(1), height, width)
    return ToySample(clip.images[0], clip.masks[:, 0], clip.kinds, clip.is_distractor)


def sample_clip(rng: np.random.Generator, frames: int, height: int = 128, width: int = 160) -> ToySample:
    """Draw one clip over a whole random scene.

    Args:
        rng: from ``model_generator``.
        frames: number of frames T >= 1.
        height: pixels.
        width: pixels.

    Returns:
        The clip and the N things that show at least ``MIN_VISIBLE_PX`` pixels in any frame.
    """
    return _sample(rng, np.linspace(0, 1, frames), height, width)


def _sample(rng: np.random.Generator, times: NDArray[np.float64], height: int, width: int) -> ToySample:
    scene = draw_scene(rng, draw_kinds(rng), times, height, width)
    frames = [render_frame(scene, moment) for moment in range(len(times))]
    masks = np.stack([frame.masks for frame in frames], axis=1)
    masks &= masks.sum(axis=(2, 3), keepdims=True) >= MIN_VISIBLE_PX
    shown = masks.any(axis=(1, 2, 3))
    kinds = np.array([thing.kind for thing in scene.things], np.int64)[shown]
    return ToySample(np.stack([frame.image for frame in frames]), masks[shown], kinds, kinds >= len(CLASSES))
