"""Vision transformers of the timm library: built by name, loaded strictly, asked for patch features."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import cast

import timm
import torch
from timm.data import resolve_model_data_config
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor, nn

from uvis_core.config.base import Precision
from uvis_core.config.vit import PatchFeatures
from uvis_core.io.devices import autocast
from uvis_core.io.errors import UserError
from uvis_core.io.weights import load_strict, read_state_dict

TRAINING_ONLY = ("mask_token", "head.")
"""Tensors that published files carry but features do not need."""


@dataclass(frozen=True)
class Vit:
    """A vision transformer for images of any size.

    Attributes:
        model: In inference mode.
        patch_px: Side of its square patches, pixels.
        mean: Of the RGB values that it was trained on, 0 to 1.
        std: Their standard deviation.
    """

    model: VisionTransformer
    patch_px: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]

    @property
    def width(self) -> int:
        """Length of its feature vectors."""
        return int(self.model.embed_dim)

    @property
    def fill_rgb(self) -> tuple[int, int, int]:
        """The colour that normalisation turns into zeros."""
        red, green, blue = (round(255 * part) for part in self.mean)
        return red, green, blue

    def normalised(self, images: Tensor) -> Tensor:
        """Images uint8 (B, 3, H, W) as the network takes them, float32."""
        mean, std = (
            torch.tensor(values, device=images.device).view(3, 1, 1) for values in (self.mean, self.std)
        )
        return (images.float() / 255 - mean) / std


def build_vit(name: str) -> Vit:
    """Build a model with random weights, drawn from torch's global generator; on the CPU.

    Raises:
        UserError: timm knows no such model, or it is no plain vision transformer.
    """
    if not timm.is_model(name):
        near = get_close_matches(name, timm.list_models("vit_*"), cutoff=0.3)
        raise UserError(f"timm knows no model {name!r}", fix=f"did you mean one of {', '.join(near)}?")
    fix = "use a vision transformer such as vit_small_patch14_dinov2 or vit_small_patch8_224"
    try:
        model = timm.create_model(name, pretrained=False, num_classes=0, dynamic_img_size=True)
    except TypeError as error:
        raise UserError(f"model {name!r} takes no images of any size ({error})", fix=fix) from error
    if not isinstance(model, VisionTransformer) or not model.has_class_token:
        raise UserError(f"model {name!r} is no vision transformer with a class token", fix=fix)
    colours = resolve_model_data_config(model)
    return Vit(model.eval(), int(model.patch_embed.patch_size[0]), colours["mean"], colours["std"])


def load_vit(name: str, weights: Path | str, device: torch.device) -> Vit:
    """Build a model and load its weights strictly.

    Args:
        name: Known to timm.
        weights: A file, in timm's names or those that DINO and DINOv2 were published with, which are the same but for
            what only their training needs.
        device: Where the model goes.

    Raises:
        UserError: The model is unknown, the file is missing, or they do not fit each other; names the tensors.
    """
    vit = build_vit(name)
    load_strict(vit.model, plain_layout(read_state_dict(weights)), weights)
    vit.model.to(device)
    return vit


def plain_layout(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Drop the prefixes of training programs and the tensors that only training needs."""
    plain = {name.removeprefix("module.").removeprefix("backbone."): value for name, value in state.items()}
    return {name: value for name, value in plain.items() if not name.startswith(TRAINING_ONLY)}


@torch.inference_mode()
def patch_features(vit: Vit, images: Tensor, kind: PatchFeatures, precision: Precision) -> Tensor:
    """Features of every patch, as unit vectors.

    Args:
        vit: Its device is used.
        images: uint8 (B, 3, H, W), RGB; H and W are multiples of ``vit.patch_px``.
        kind: ``tokens``: the output; ``keys``: the keys of the last attention layer, all heads side by side.
        precision: Of the forward pass.

    Returns:
        float32 (B, H / patch, W / patch, D).
    """
    device = next(vit.model.parameters()).device
    with autocast(device, precision):
        normalised = vit.normalised(images.to(device, non_blocking=True))
        if kind == "keys":
            patches = _last_keys(vit.model, normalised).float()
        else:
            patches = vit.model.forward_features(normalised)[:, vit.model.num_prefix_tokens :].float()
    height, width = images.shape[2] // vit.patch_px, images.shape[3] // vit.patch_px
    return nn.functional.normalize(patches, dim=-1).reshape(len(images), height, width, -1)


def _last_keys(model: VisionTransformer, images: Tensor) -> Tensor:
    """Keys of the last attention layer (B, P, D) of P patches; what lies behind them in the network is left out."""
    found = model.forward_intermediates(
        images,
        indices=[len(model.blocks) - 2],
        stop_early=True,
        output_fmt="NLC",
        intermediates_only=True,
    )
    (tokens,) = cast(list[Tensor], found)
    last = f"blocks.{len(model.blocks) - 1}"
    projected: Tensor = model.get_submodule(f"{last}.attn.qkv")(model.get_submodule(f"{last}.norm1")(tokens))
    return projected.chunk(3, dim=-1)[1]


@torch.inference_mode()
def class_features(vit: Vit, images: Tensor) -> Tensor:
    """The class token's output for normalised images (N, 3, S, S): float32 (N, D), unit length."""
    return nn.functional.normalize(vit.model.forward_features(images)[:, 0].float(), dim=-1)
