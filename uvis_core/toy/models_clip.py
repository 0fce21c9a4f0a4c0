"""The embedded CLIP model: open_clip's architecture, small, trained on crops of generated images and their names.

It learns the names of all shapes, those of the vocabulary and the distractors, so that the vocabulary can be chosen
freely among them, and of background, so that a false detection resembles no class much.
"""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from uvis_core.config.crops import CropsSettings
from uvis_core.crops.clip import Clip, build_clip, encode_images, encode_texts, load_clip
from uvis_core.io.atomic import write_json
from uvis_core.io.vocabulary import PAPER_PROMPTS
from uvis_core.toy.clip_crops import BACKGROUND, augmented, dimmed, draw_crops, drawn_dimming
from uvis_core.toy.model_files import write_half_precision
from uvis_core.toy.shapes import CLASSES

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
IMAGES = 120
"""Few, so that it is wrong about some things, and sure of it, as CLIP is on crops of video. One that learned from 3,000
names nearly every thing rightly, and a model trained on its labels has nothing to even out (docs/toy.md)."""
BATCH = 128
LEARNING_RATE = 3e-3
# Low at first: the smaller the scale, the farther apart the loss drives the names, and with them the crops.
LOGIT_SCALE_START, LOGIT_SCALE_LIMIT = 8.0, 100.0

log = logging.getLogger("uvis")


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


def train_clip(clip: Clip, steps: int, seed: int, images: int = IMAGES) -> None:
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
    crops = draw_crops(clip, seed, images, held_out=True)
    kinds = crops.kinds
    embeddings = torch.cat([encode_images(clip, part.float()) for part in crops.images.split(BATCH)])
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
    write_half_precision(folder / "crops.safetensors", clip.model.state_dict())
    settings = CropsSettings(model=str(folder / "crops.json"), weights=str(folder / "crops.safetensors"))
    quality = {name: round(value, 3) for name, value in clip_quality(load_clip(settings), seed).items()}
    write_json(folder / "crops.quality.json", {"steps": steps, "seed": seed, **quality}, indent=2)
