"""The embedded backbone: a small ResNet that knows the kinds of shapes, as published backbones know ImageNet's classes.

It learns to name the kind of every pixel of generated images, from the features of all four stages together, at last of
augmented images, and is kept frozen ever after: the initial MinVIS and the training stage take it as it is.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from uvis_core.config.model import ModelSettings
from uvis_core.io.atomic import write_json
from uvis_core.model.backbone import load_backbone
from uvis_core.model.images import batch_images
from uvis_core.model.minvis import MinVIS
from uvis_core.toy.camera import augmented_photo
from uvis_core.toy.model_files import write_half_precision
from uvis_core.toy.samples import ToySample, model_generator, sample_image
from uvis_core.toy.shapes import KINDS

TOY_MINVIS = ModelSettings(
    embedding_size=32,
    hidden_sizes=(32, 64, 128, 192),
    depths=(1, 2, 2, 2),
    layer_type="basic",
    hidden_dim=64,
    mask_dim=64,
    heads=4,
    encoder_layers=2,
    encoder_ffn_dim=128,
    decoder_layers=3,
    decoder_ffn_dim=128,
    queries=16,
    learned_query_content=False,
)
"""Sizes of the embedded MinVIS, of which this is the backbone."""
STREAM, HELD_OUT_STREAM = 5, 6
BATCH = 8
LEARNING_RATE, WARM_UP_SHARE = 2e-3, 0.05
AUGMENTED_LEARNING_RATE, AUGMENTED_WARM_UP_SHARE = 1e-3, 0.08
AUGMENTED_SEED = 7
"""Added to the seed of the images that are learned from with augmentation: other images."""
HEAD_CHANNELS = 64
OUTPUT_STRIDE = 4
BACKGROUND = len(KINDS)
BACKGROUND_WEIGHT = 0.2

log = logging.getLogger("uvis")


class KindImages(Dataset):
    """Generated images with the kind of every pixel; equal seed and position give equal images."""

    def __init__(self, seed: int, length: int, stream: int = STREAM, *, augmented: bool = False) -> None:
        self.seed, self.length, self.stream, self.augmented = seed, length, stream, augmented

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, position: int) -> tuple[Tensor, Tensor]:
        rng = model_generator(self.seed, self.stream, position)
        sample = sample_image(rng)
        image = augmented_photo(sample.images, rng) if self.augmented else sample.images
        return torch.from_numpy(image).permute(2, 0, 1), torch.from_numpy(kind_map(sample))


def kind_map(sample: ToySample) -> np.ndarray:
    """The kind of every pixel, int64 (H, W); ``BACKGROUND`` where there is no thing."""
    kinds = np.full(sample.images.shape[:2], BACKGROUND, np.int64)
    for mask, kind in zip(sample.masks, sample.kinds, strict=True):
        kinds[mask] = kind
    return kinds


class PixelClassifier(nn.Module):
    """A backbone and a light head that adds up its four stages and names each pixel's kind.

    Args:
        backbone: Gives feature maps at strides 4, 8, 16 and 32.
        channels: Of these feature maps.
    """

    def __init__(self, backbone: nn.Module, channels: tuple[int, ...]) -> None:
        super().__init__()
        self.backbone = backbone
        self.laterals = nn.ModuleList(nn.Conv2d(width, HEAD_CHANNELS, 1) for width in channels)
        self.classifier = nn.Conv2d(HEAD_CHANNELS, len(KINDS) + 1, 1)

    def forward(self, images: Tensor) -> Tensor:
        """Logits of shape (B, kinds + 1, H / 4, W / 4) for normalised images (B, 3, H, W)."""
        features = self.backbone(images).feature_maps
        size = features[0].shape[-2:]
        total = torch.zeros(1, device=images.device)
        for lateral, feature in zip(self.laterals, features, strict=True):
            total = total + functional.interpolate(lateral(feature), size=size, mode="bilinear")
        return self.classifier(functional.relu(total))


def train_backbone(steps: int, seed: int, initial: Path | None = None, workers: int = 1) -> PixelClassifier:
    """Train a backbone and a new head on generated images; the learning rate falls to zero along a cosine.

    Args:
        steps: Optimiser steps of ``BATCH`` images.
        seed: Of images, order and weights.
        initial: Backbone to train on, with augmented images; None trains from scratch, on images as they are.
        workers: Processes that draw.

    Returns:
        Backbone and head.
    """
    torch.manual_seed(seed)
    network = MinVIS(TOY_MINVIS, class_ids=[1], frozen_backbone=False)
    if initial is None:
        images = KindImages(seed, steps * BATCH)
        highest_rate, warm_up_share = LEARNING_RATE, WARM_UP_SHARE
    else:
        load_backbone(network, str(initial))
        images = KindImages(seed + AUGMENTED_SEED, steps * BATCH, augmented=True)
        highest_rate, warm_up_share = AUGMENTED_LEARNING_RATE, AUGMENTED_WARM_UP_SHARE
    classifier = PixelClassifier(network.backbone, TOY_MINVIS.hidden_sizes).requires_grad_(True).train()
    optimiser = torch.optim.AdamW(classifier.parameters(), highest_rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, highest_rate, total_steps=steps, pct_start=warm_up_share
    )
    weights = torch.ones(len(KINDS) + 1)
    weights[BACKGROUND] = BACKGROUND_WEIGHT
    for step, (pictures, kinds) in enumerate(_batches(images, workers), start=1):
        logits = classifier(batch_images(list(pictures), torch.device("cpu")))
        target = kinds[:, OUTPUT_STRIDE // 2 :: OUTPUT_STRIDE, OUTPUT_STRIDE // 2 :: OUTPUT_STRIDE]
        loss = functional.cross_entropy(logits, target, weights)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 50 == 0 or step == steps:
            log.info("backbone step %s of %s: loss %.3f", step, steps, loss.item())
    return classifier.eval()


def _batches(images: KindImages, workers: int) -> Iterator[tuple[Tensor, Tensor]]:
    yield from DataLoader(
        images, batch_size=BATCH, num_workers=workers, prefetch_factor=4 if workers else None
    )


def pixel_accuracy(classifier: PixelClassifier, seed: int, images: int = 64) -> float:
    """Share of held-out things' pixels, at a quarter of the size, whose kind is named rightly."""
    right = total = 0
    with torch.inference_mode():
        for pictures, kinds in _batches(KindImages(seed, images, HELD_OUT_STREAM), workers=0):
            named = classifier(batch_images(list(pictures), torch.device("cpu"))).argmax(1)
            target = kinds[:, OUTPUT_STRIDE // 2 :: OUTPUT_STRIDE, OUTPUT_STRIDE // 2 :: OUTPUT_STRIDE]
            things = target != BACKGROUND
            right += int((named == target)[things].sum())
            total += int(things.sum())
    return right / max(total, 1)


def make_backbone(folder: Path, steps: int, seed: int, initial: Path | None = None) -> None:
    """Write ``backbone.safetensors`` under transformers' ResNet names; see ``train_backbone``."""
    classifier = train_backbone(steps, seed, initial)
    accuracy = pixel_accuracy(classifier, seed)
    log.info("backbone: %.1f %% of held-out things' pixels named rightly", 100 * accuracy)
    write_half_precision(folder / "backbone.safetensors", classifier.backbone.state_dict())
    quality = {"steps": steps, "seed": seed, "pixel_accuracy": round(accuracy, 3)}
    write_json(folder / "backbone.quality.json", quality, indent=2)
