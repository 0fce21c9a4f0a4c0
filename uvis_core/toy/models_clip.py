"""The embedded CLIP model: open_clip's architecture, small, trained on crops of generated images and their names.

It learns the names of all shapes, those of the vocabulary and the distractors, so that the vocabulary can be chosen
freely among them, and of background, so that a false detection resembles no class much.
"""

import logging
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from uvis_core.crops.cut import cut_crop
from uvis_core.crops.model import Clip, encode_images, encode_texts
from uvis_core.io.vocabulary import PAPER_PROMPTS
from uvis_core.toy.samples import Sample, model_generator, sample_image
from uvis_core.toy.shapes import CLASSES, KINDS

TOY_CLIP: dict[str, Any] = {
    "embed_dim": 64,
    "vision_cfg": {"image_size": 32, "patch_size": 4, "width": 96, "layers": 4, "head_width": 32, "mlp_ratio": 3.0},
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
MARGIN = 0.1
BATCH = 256
LEARNING_RATE = 1.5e-3
LOGIT_SCALE_START, LOGIT_SCALE_LIMIT = 30.0, 100.0
HELD_OUT = 1

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
    covered = masks.any(axis=0)
    for _ in range(8):
        side_x, side_y = rng.uniform(14, 56, 2)
        x0, y0 = rng.uniform(0, width - side_x), rng.uniform(0, height - side_y)
        if covered[int(y0) : int(y0 + side_y), int(x0) : int(x0 + side_x)].mean() < 0.1:
            return np.array([x0, y0, x0 + side_x, y0 + side_y])
    return None


def sample_crops(
    sample: Sample, clip: Clip, rng: np.random.Generator, jitter: float, copies: int
) -> list[tuple[Tensor, int]]:
    """Prepared crops of every thing and of one piece of background, each with its kind (``BACKGROUND`` for the last)."""
    boxes = [
        (jittered(box, rng, jitter), int(kind))
        for box, kind in zip(thing_boxes(sample.masks), sample.kinds, strict=True)
        for _ in range(copies)
    ]
    empty = background_box(sample.masks, rng)
    if empty is not None:
        boxes.append((empty, BACKGROUND))
    crops = []
    for box, kind in boxes:
        crop = cut_crop(
            sample.images, box, None, margin=MARGIN, background="keep", square_padding=True, fill_rgb=clip.fill_rgb
        )
        crops.append((clip.prepare(crop), kind))
    return crops


def crop_pool(clip: Clip, seed: int, images: int, *, held_out: bool) -> tuple[Tensor, Tensor]:
    """Crops (N, 3, S, S) float32 and kinds (N,) int64 of many images; jittered twice for training, clean if held out."""
    pool: list[tuple[Tensor, int]] = []
    for position in range(images):
        rng = model_generator(seed, 2 + held_out, position)
        pool += sample_crops(sample_image(rng), clip, rng, 0.0 if held_out else 0.12, 1 if held_out else 2)
    return torch.stack([crop for crop, _ in pool]), torch.tensor([kind for _, kind in pool])


def augmented(crops: Tensor, generator: torch.Generator) -> Tensor:
    """Turn by quarters, mirror, and change colours of each crop of (N, 3, S, S): none of these changes a shape's name."""
    number = len(crops)
    crops = crops.clone()
    quarter = torch.randint(4, (number,), generator=generator)
    for turns in (1, 2, 3):
        crops[quarter == turns] = crops[quarter == turns].rot90(turns, (2, 3))
    mirror = torch.rand(number, generator=generator) < 0.5
    crops[mirror] = crops[mirror].flip(3)
    order = torch.rand(number, 3, generator=generator).argsort(dim=1)
    crops = crops.gather(1, order[:, :, None, None].expand_as(crops))
    gain = 1 + 0.4 * (torch.rand(number, 1, 1, 1, generator=generator) - 0.5)
    shift = 0.6 * (torch.rand(number, 3, 1, 1, generator=generator) - 0.5)
    return crops * gain + shift


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


def train_clip(clip: Clip, steps: int, seed: int, images: int = 6000) -> None:
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
    crops, kinds = crop_pool(clip, seed, images, held_out=False)
    log.info("clip: %d crops of %d images", len(crops), images)
    generator = torch.Generator().manual_seed(seed)
    decayed = [value for value in model.parameters() if value.ndim >= 2]
    plain = [value for value in model.parameters() if value.ndim < 2]
    groups = [{"params": decayed, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps, pct_start=0.1, cycle_momentum=False)
    for step in range(steps):
        chosen = torch.randint(len(crops), (BATCH,), generator=generator)
        batch = augmented(crops[chosen], generator)
        tokens = clip.tokenizer(drawn_texts(generator))
        loss = contrastive_loss(
            encode_images(clip, batch), encode_texts(clip, tokens), kinds[chosen], model.logit_scale.exp()
        )
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        with torch.no_grad():
            model.logit_scale.clamp_(max=float(np.log(LOGIT_SCALE_LIMIT)))
        if step % 50 == 0:
            log.info("clip step %d of %d: loss %.3f, scale %.1f", step, steps, loss.item(), model.logit_scale.exp().item())
    model.eval()


@torch.inference_mode()
def clip_quality(clip: Clip, seed: int, images: int = 300) -> dict[str, float]:
    """Measure the model on clean crops of held-out images, by the paper's reading: closest prompt, softmax over classes.

    Returns:
        Accuracy among all kinds and background; accuracy of the vocabulary's shapes among its classes; and the share of
        these, of distractors and of background whose class score reaches 0.7.
    """
    crops, kinds = crop_pool(clip, seed, images, held_out=True)
    embeddings = torch.cat([encode_images(clip, part) for part in crops.split(BATCH)])
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
