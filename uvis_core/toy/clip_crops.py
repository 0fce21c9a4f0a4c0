"""Crops of the toy world's things and background, from which the embedded CLIP model learns."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from uvis_core.config.crops import CropsSettings
from uvis_core.crops.clip import Clip
from uvis_core.crops.cut import cut_crop
from uvis_core.toy.samples import ToySample, model_generator, sample_image
from uvis_core.toy.shapes import KINDS

BACKGROUND = len(KINDS)
"""The kind of a crop that shows no thing."""

STREAM, HELD_OUT_STREAM = 3, 4
"""Keep these images apart from those of the other models, and those learned from apart from those measured on."""


def thing_boxes(masks: np.ndarray) -> np.ndarray:
    """Tight boxes of non-empty bool masks (N, H, W): float64 (N, 4) as x0, y0, x1, y1, right and bottom exclusive."""
    boxes = np.zeros((len(masks), 4))
    for row, mask in enumerate(masks):
        ys, xs = np.nonzero(mask)
        boxes[row] = xs.min(), ys.min(), xs.max() + 1, ys.max() + 1
    return boxes


def jittered(box: np.ndarray, rng: np.random.Generator, amount: float) -> np.ndarray:
    """The box as a detector might give it: each side moved by up to ``amount`` of the box's size."""
    size = np.array([box[2] - box[0], box[3] - box[1]] * 2)
    return box + rng.uniform(-amount, amount, 4) * size


def background_box(masks: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """A random box that things cover by less than a tenth, or None where a few tries find none."""
    height, width = masks.shape[1:]
    covered = np.logical_or.reduce(masks, axis=0)
    for _ in range(8):
        side_x, side_y = rng.uniform(14, 56, 2)
        x0, y0 = rng.uniform(0, width - side_x), rng.uniform(0, height - side_y)
        if covered[int(y0) : int(y0 + side_y), int(x0) : int(x0 + side_x)].mean() < 0.1:
            return np.array([x0, y0, x0 + side_x, y0 + side_y])
    return None


@dataclass(frozen=True)
class Crops:
    """N prepared crops.

    Attributes:
        images: float16 (N, 3, S, S), as the model takes them (zero is its mean colour).
        masks: bool (N, 1, S, S), the thing's pixels; for background all.
        kinds: int64 (N,), index into ``PHRASES``.
    """

    images: Tensor
    masks: Tensor
    kinds: Tensor


def sample_crops(
    sample: ToySample, clip: Clip, rng: np.random.Generator, jitter: float, copies: int
) -> Iterator[tuple[Tensor, Tensor, int]]:
    """Image, mask and kind of ``copies`` crops of every thing, and of one piece of background if there is some."""
    for box, mask, kind in zip(thing_boxes(sample.masks), sample.masks, sample.kinds, strict=True):
        painted = np.repeat(mask[:, :, np.newaxis].astype(np.uint8) * 255, 3, axis=2)
        for _ in range(copies):
            seen = jittered(box, rng, jitter)
            inside = _prepared(painted, seen, clip, (0, 0, 0))[:1] > 0
            yield _prepared(sample.images, seen, clip, clip.fill_rgb).half(), inside, int(kind)
    empty = background_box(sample.masks, rng)
    if empty is not None:
        image = _prepared(sample.images, empty, clip, clip.fill_rgb).half()
        yield image, torch.ones_like(image[:1], dtype=torch.bool), BACKGROUND


def _prepared(image: np.ndarray, box: np.ndarray, clip: Clip, fill_rgb: tuple[int, int, int]) -> Tensor:
    options = CropsSettings(model="toy", weights="toy")
    crop = cut_crop(
        image,
        box,
        None,
        margin=options.margin,
        background="keep",
        square_padding=options.square_padding,
        fill_rgb=fill_rgb,
    )
    return clip.prepare(crop)


def draw_crops(clip: Clip, seed: int, images: int, *, held_out: bool) -> Crops:
    """Crops of many generated images: each thing twice with a jittered box for training, once and clean if held out."""
    pool: list[tuple[Tensor, Tensor, int]] = []
    for position in range(images):
        rng = model_generator(seed, HELD_OUT_STREAM if held_out else STREAM, position)
        pool += sample_crops(sample_image(rng), clip, rng, 0.0 if held_out else 0.12, 1 if held_out else 2)
    drawn, masks, kinds = zip(*pool, strict=True)
    return Crops(torch.stack(drawn), torch.stack(masks), torch.tensor(kinds))


def dimmed(images: Tensor, masks: Tensor, shown: Tensor) -> Tensor:
    """Fade what is outside the masks towards the mean colour; ``shown`` (N,) is 1 for none, 0 for all of it."""
    return images * (masks + ~masks * shown[:, None, None, None])


def drawn_dimming(number: int, progress: float, generator: torch.Generator) -> Tensor:
    """How much background to show: none at first, so that outlines are learned; all of it in most crops at the end."""
    full = torch.rand(number, generator=generator) < progress
    partly = torch.rand(number, generator=generator) < progress
    return torch.where(full, 1.0, partly * torch.rand(number, generator=generator))


def augmented(images: Tensor, generator: torch.Generator) -> Tensor:
    """Turn by quarters, mirror, and change colours of each of (N, 3, S, S): none of these changes a shape's name."""
    number = len(images)
    images = images.clone()
    quarter = torch.randint(4, (number,), generator=generator)
    for turns in (1, 2, 3):
        images[quarter == turns] = images[quarter == turns].rot90(turns, (2, 3))
    mirror = torch.rand(number, generator=generator) < 0.5
    images[mirror] = images[mirror].flip(3)
    order = torch.rand(number, 3, generator=generator).argsort(dim=1)
    images = images.gather(1, order[:, :, None, None].expand_as(images))
    gain = 1 + 0.4 * (torch.rand(number, 1, 1, 1, generator=generator) - 0.5)
    shift = 0.6 * (torch.rand(number, 3, 1, 1, generator=generator) - 0.5)
    return images * gain + shift
