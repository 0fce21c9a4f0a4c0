"""What turns crops into embeddings: the image tower of a CLIP model, or a vision transformer without language."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from uvis_core.config.crops import CropsSettings
from uvis_core.crops.clip import encode_images, load_clip
from uvis_core.vit.transformer import class_features, load_vit


@dataclass(frozen=True)
class ImageEncoder:
    """A model that embeds crops, on its device.

    Attributes:
        prepare: A crop to the float32 tensor (3, S, S) that the model takes.
        fill_rgb: The colour that ``prepare`` turns into zeros.
        encode: Prepared crops (N, 3, S, S) on the device to unit-length float32 embeddings (N, D).
        width: D, where the vocabulary does not tell it.
    """

    prepare: Callable[[Image.Image], Tensor]
    fill_rgb: tuple[int, int, int]
    encode: Callable[[Tensor], Tensor]
    width: int = 0


def load_encoder(
    settings: CropsSettings, device: torch.device, weights_file: Path | str | None = None
) -> ImageEncoder:
    """Load the model of the configured backend.

    Args:
        settings: Backend, model, weights, and side of the crops.
        device: Where the model goes.
        weights_file: The fetched file of an open_clip tag, if the settings name one.

    Raises:
        UserError: The model or its weights are unknown, missing, or do not fit each other.
    """
    if settings.backend == "vit":
        vit = load_vit(settings.model, settings.weights, device)
        side = max(1, round(settings.input_px / vit.patch_px)) * vit.patch_px
        return ImageEncoder(
            CropPreparation(side, vit.mean, vit.std),
            vit.fill_rgb,
            lambda crops: class_features(vit, crops),
            vit.width,
        )
    clip = load_clip(settings, weights_file)
    clip.model.visual.to(device)
    return ImageEncoder(clip.prepare, clip.fill_rgb, lambda crops: encode_images(clip, crops))


@dataclass(frozen=True)
class CropPreparation:
    """Resizes a crop to a square and normalises its colours; a class, because worker processes receive it."""

    side_px: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]

    def __call__(self, crop: Image.Image) -> Tensor:
        """The crop as float32 (3, side, side)."""
        resized = crop.resize((self.side_px, self.side_px), Image.Resampling.BICUBIC)
        mean, std = np.array(self.mean, np.float32), np.array(self.std, np.float32)
        return torch.from_numpy((np.asarray(resized, np.float32) / 255 - mean) / std).permute(2, 0, 1)
