"""One factory for every open_clip model: public ones by name, local ones by their configuration file."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import open_clip
import torch
from open_clip.convert import convert_state_dict
from open_clip.model import CLIP, CustomTextCLIP, convert_to_custom_text_state_dict, get_model_preprocess_cfg
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image
from torch import Tensor, nn

from uvis_core.config.base import Precision
from uvis_core.config.crops import CropsSettings
from uvis_core.crops.class_token import leave_out_unread
from uvis_core.crops.published import fetched_by_open_clip, known_model, published_entry
from uvis_core.io.weights import load_strict, read_state_dict


@dataclass(frozen=True)
class Clip:
    """A CLIP model and what it needs around it.

    Attributes:
        model: In inference mode, on the CPU; stages move the tower that they use.
        tokenizer: Texts to int64 tokens (N, context length).
        prepare: A crop to the float32 tensor (3, S, S) that the image tower takes.
        fill_rgb: The colour that ``prepare`` turns into zeros.
    """

    model: CLIP | CustomTextCLIP
    tokenizer: Callable[[list[str]], Tensor]
    prepare: Callable[[Image.Image], Tensor]
    fill_rgb: tuple[int, int, int]


def build_clip(model: str, tag: str | None = None, precision: Precision = "fp32") -> Clip:
    """Build a model with random weights, drawn from torch's global generator.

    Args:
        model: Name known to open_clip, or path of a configuration file (.json).
        tag: Known tag whose weights will be loaded: some tags prepare images in their own way.
        precision: bf16 builds the weights in bfloat16 from the start, which halves the memory; layer norms and the
            logit scale stay in float32.

    Raises:
        UserError: There is no such name, or the configuration file is missing or incomplete.
    """
    name = known_model(model)
    with _quiet():
        with _default_dtype(torch.bfloat16 if precision == "bf16" else torch.float32):
            built = open_clip.create_model(
                name, precision=precision, pretrained_image=False, pretrained_text=False
            ).eval()
        tokenizer = open_clip.get_tokenizer(name)
    _exact_where_it_matters(built)
    leave_out_unread(built.visual)
    values = {**get_model_preprocess_cfg(built), **_own_preparation(name, tag)}
    preparation = PreprocessCfg(**{key: value for key, value in values.items() if value is not None})
    red, green, blue = (round(255 * part) for part in preparation.mean)
    return Clip(built, tokenizer, image_transform_v2(preparation, is_train=False), (red, green, blue))


@contextmanager
def _default_dtype(dtype: torch.dtype) -> Iterator[None]:
    """Let parameters be made in this dtype: in float32 first, the largest models would not fit beside their file."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def _exact_where_it_matters(model: nn.Module) -> None:
    """Back to float32 what bfloat16 would spoil: the logit scale would be off by one in a hundred."""
    for module in model.modules():
        if isinstance(module, nn.LayerNorm):
            module.float()
    for name in ("logit_scale", "logit_bias"):
        parameter = getattr(model, name, None)
        if parameter is not None:
            parameter.data = parameter.data.float()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep open_clip's notes off the log: on the root logger it warns of random weights, which are replaced next."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.setLevel(level)


def load_clip(settings: CropsSettings, weights_file: Path | str | None = None) -> Clip:
    """Build the model and load its weights strictly.

    Args:
        settings: Model, weights and precision are used.
        weights_file: The fetched file of the tag that the settings name; without it, open_clip looks into its cache
            and then to the network.

    Raises:
        UserError: The model or weights are unknown, missing, or do not fit each other; names the tensors.
    """
    tag = None if Path(settings.weights).suffix or Path(settings.weights).exists() else settings.weights
    path: Path | str = settings.weights
    if tag:
        name = known_model(settings.model)
        published_entry(name, tag)
        path = weights_file or fetched_by_open_clip(name, tag)
    clip = build_clip(settings.model, tag, settings.precision)
    load_strict(clip.model, open_clip_layout(clip.model, read_state_dict(path)), path)
    return clip


def open_clip_layout(model: nn.Module, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rename tensors as open_clip itself does for checkpoints of other programs and of its own older versions."""
    plain = {name.removeprefix("module."): tensor for name, tensor in state.items()}
    plain = convert_state_dict(model, plain)
    if "positional_embedding" in plain and not hasattr(model, "positional_embedding"):
        plain = convert_to_custom_text_state_dict(plain)
    return plain


def _own_preparation(name: str, tag: str | None) -> dict[str, object]:
    published = open_clip.get_pretrained_cfg(name, tag) if tag else {}
    return {
        key: published[key] for key in ("mean", "std", "interpolation", "resize_mode") if key in published
    }


def encode_images(clip: Clip, images: Tensor) -> Tensor:
    """Unit-length float32 embeddings (N, D) of prepared images (N, 3, S, S), on the device of the image tower."""
    return torch.nn.functional.normalize(clip.model.encode_image(images).float(), dim=-1)


def encode_texts(clip: Clip, tokens: Tensor) -> Tensor:
    """Unit-length float32 embeddings (N, D) of tokens (N, context length)."""
    return torch.nn.functional.normalize(clip.model.encode_text(tokens).float(), dim=-1)
