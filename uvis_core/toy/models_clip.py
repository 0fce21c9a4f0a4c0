"""The embedded CLIP model: open_clip's architecture, small, trained on crops of generated images and their names.

It learns the names of all shapes, those of the vocabulary and the distractors, so that the vocabulary can be chosen
freely among them, and of background, so that a false detection resembles no class much.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from uvis_core.config.crops import CropsSettings
from uvis_core.crops.cut import cut_crop
from uvis_core.crops.model import Clip, build_clip, encode_images, encode_texts, load_clip
from uvis_core.io.atomic import write_json
from uvis_core.io.vocabulary import PAPER_PROMPTS
from uvis_core.io.weights import write_state_dict
from uvis_core.toy.samples import Sample, model_generator, sample_image
from uvis_core.toy.shapes import CLASSES, KINDS

TOY_CLIP: dict[str, Any] = {
    "embed_dim": 64,
    "vision_cfg": {"image_size": 64, "layers": [1, 1, 1, 1], "width": 12, "head_width": 64},
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2},
}
PHRASES: dict[str, tuple[str, ...]] = {
    "star": ("star", "star shape", "pointed star"),
    "ring": ("ring", "hoop", "donut"),
    "cross": ("cross", "plus sign", "plus"),
    "heart": ("heart", "heart shape", "love heart"),
    "arrow": ("arrow", "arrow sign", "pointer"),
    "crescent": ("crescent", "crescent moon", "moon"),
    "hexagon": ("hexagon", "hexagon shape", "six sided tile"),
    "blob": ("blob", "splat", "puddle"),
    "drop": ("drop", "teardrop", "water drop"),
    "bolt": ("bolt", "lightning bolt", "lightning"),
    "leaf": ("leaf", "leaf shape", "petal"),
    "background": ("background", "backdrop", "nothing"),
}
BACKGROUND = len(KINDS)
STREAM, HELD_OUT_STREAM = 3, 4
BATCH = 128
LEARNING_RATE = 3e-3
LOGIT_SCALE_START, LOGIT_SCALE_LIMIT = 30.0, 100.0

log = logging.getLogger("uvis")


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
    sample: Sample, clip: Clip, rng: np.random.Generator, jitter: float, copies: int
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


def drawn_texts(generator: torch.Generator) -> list[str]:
    """One prompt per kind, phrase and template drawn at random."""
    texts = []
    for phrases in PHRASES.values():
        phrase = phrases[int(torch.randint(len(phrases), (), generator=generator))]
        template = PAPER_PROMPTS[int(torch.randint(len(PAPER_PROMPTS), (), generator=generator))]
        texts.append(template.replace("{}", phrase))
    return texts


def contrastive_loss(images: Tensor, texts: Tensor, kinds: Tensor, scale: Tensor) -> Tensor:
    """CLIP's symmetric loss where many images share a text: each image against all texts, each text against all images.

    Args:
        images: Unit length (B, D).
        texts: Unit length (K, D), one per kind.
        kinds: (B,) the text of each image.
        scale: Multiplies the cosines.
    """
    logits = scale * images @ texts.T
    own = functional.one_hot(kinds, len(texts)).to(logits)
    present = own.sum(dim=0) > 0
    of_texts = (logits.log_softmax(dim=0) * own).sum(dim=0)[present] / own.sum(dim=0)[present]
    spread = own.sum(dim=0)[present].log()
    return (functional.cross_entropy(logits, kinds) - (of_texts + spread).mean()) / 2


def train_clip(clip: Clip, steps: int, seed: int, images: int = 3000) -> None:
    """Train the model in place.

    Args:
        clip: With random weights.
        steps: Optimiser steps of ``BATCH`` crops, after which the learning rate has fallen to zero.
        seed: Of images, order and augmentation.
        images: Generated images that the crops come from.
    """
    model = clip.model.train()
    with torch.no_grad():
        model.logit_scale.fill_(float(np.log(LOGIT_SCALE_START)))
    crops = draw_crops(clip, seed, images, held_out=False)
    log.info("clip: %d crops of %d images", len(crops.kinds), images)
    generator = torch.Generator().manual_seed(seed)
    decayed = [value for value in model.parameters() if value.ndim >= 2]
    plain = [value for value in model.parameters() if value.ndim < 2]
    groups = [{"params": decayed, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, LEARNING_RATE, total_steps=steps, pct_start=0.1, cycle_momentum=False
    )
    for step in range(steps):
        chosen = torch.randint(len(crops.kinds), (BATCH,), generator=generator)
        shown = drawn_dimming(BATCH, step / steps, generator)
        batch = augmented(dimmed(crops.images[chosen].float(), crops.masks[chosen], shown), generator)
        tokens = clip.tokenizer(drawn_texts(generator))
        loss = contrastive_loss(
            encode_images(clip, batch),
            encode_texts(clip, tokens),
            crops.kinds[chosen],
            model.logit_scale.exp(),
        )
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        with torch.no_grad():
            model.logit_scale.clamp_(max=float(np.log(LOGIT_SCALE_LIMIT)))
        if step % 50 == 0:
            log.info(
                "clip step %d of %d: loss %.3f, scale %.1f",
                step,
                steps,
                loss.item(),
                model.logit_scale.exp().item(),
            )
    model.eval()


@torch.inference_mode()
def clip_quality(clip: Clip, seed: int, images: int = 300) -> dict[str, float]:
    """Measure on clean crops of held-out images, by the paper's reading: closest prompt, softmax over classes.

    Returns:
        Accuracy among all kinds and background; accuracy of the vocabulary's shapes among its classes; and the share of
        these, of distractors and of background whose class score reaches 0.7.
    """
    crops, kinds = (held_out := draw_crops(clip, seed, images, held_out=True)).images, held_out.kinds
    embeddings = torch.cat([encode_images(clip, part.float()) for part in crops.split(BATCH)])
    cosines = []
    for phrases in PHRASES.values():
        prompts = [template.replace("{}", phrases[0]) for template in PAPER_PROMPTS]
        cosines.append((embeddings @ encode_texts(clip, clip.tokenizer(prompts)).T).amax(dim=1))
    logits = clip.model.logit_scale.exp() * torch.stack(cosines, dim=1)
    number = len(CLASSES)
    score, named = logits[:, :number].softmax(dim=1).max(dim=1)
    is_class, is_background = kinds < number, kinds == BACKGROUND
    confident = (score >= 0.7).float()
    return {
        "accuracy_all_kinds": (logits.argmax(dim=1) == kinds).float().mean().item(),
        "accuracy_vocabulary": (named == kinds)[is_class].float().mean().item(),
        "confident_vocabulary": confident[is_class].mean().item(),
        "confident_distractors": confident[~is_class & ~is_background].mean().item(),
        "confident_background": confident[is_background].mean().item(),
        "logit_scale": clip.model.logit_scale.exp().item(),
    }


def make_clip(folder: Path, steps: int, seed: int) -> None:
    """Train the model; write ``crops.json`` (its sizes), ``crops.safetensors`` (float16) and ``crops.quality.json``."""
    write_json(folder / "crops.json", TOY_CLIP, indent=2)
    torch.manual_seed(seed)
    clip = build_clip(str(folder / "crops.json"))
    train_clip(clip, steps, seed)
    state = {
        name: value.half() if value.is_floating_point() else value
        for name, value in clip.model.state_dict().items()
    }
    write_state_dict(folder / "crops.safetensors", state)
    settings = CropsSettings(model=str(folder / "crops.json"), weights=str(folder / "crops.safetensors"))
    quality = {name: round(value, 3) for name, value in clip_quality(load_clip(settings), seed).items()}
    write_json(folder / "crops.quality.json", {"steps": steps, "seed": seed, **quality}, indent=2)
