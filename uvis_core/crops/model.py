"""One factory for every open_clip model: public ones by name, local ones by their configuration file."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import open_clip
import torch
from open_clip.convert import convert_state_dict
from open_clip.model import CLIP, CustomTextCLIP, convert_to_custom_text_state_dict, get_model_preprocess_cfg
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image
from torch import Tensor, nn

from uvis_core.config.crops import CropsSettings
from uvis_core.io.atomic import read_json
from uvis_core.io.errors import UserError
from uvis_core.io.weights import load_strict, read_state_dict

CONFIGURATION_KEYS = frozenset({"embed_dim", "vision_cfg", "text_cfg"})


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


def build_clip(model: str, tag: str | None = None) -> Clip:
    """Build a model with random weights, drawn from torch's global generator.

    Args:
        model: Name known to open_clip, or path of a configuration file (.json).
        tag: Known tag whose weights will be loaded: some tags prepare images in their own way.

    Raises:
        UserError: There is no such name, or the configuration file is missing or incomplete.
    """
    name = _known_name(model)
    with _quiet():
        built = open_clip.create_model(name, pretrained_image=False, pretrained_text=False).eval()
        tokenizer = open_clip.get_tokenizer(name)
    values = {**get_model_preprocess_cfg(built), **_own_preparation(name, tag)}
    preparation = PreprocessCfg(**{key: value for key, value in values.items() if value is not None})
    red, green, blue = (round(255 * part) for part in preparation.mean)
    return Clip(built, tokenizer, image_transform_v2(preparation, is_train=False), (red, green, blue))


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


def load_clip(settings: CropsSettings) -> Clip:
    """Build the model and load its weights strictly.

    Raises:
        UserError: The model or weights are unknown, missing, or do not fit each other; names the tensors.
    """
    tag = None if Path(settings.weights).suffix or Path(settings.weights).exists() else settings.weights
    path = _fetched(_known_name(settings.model), tag) if tag else settings.weights
    clip = build_clip(settings.model, tag)
    load_strict(clip.model, open_clip_layout(clip.model, read_state_dict(path)), path)
    return clip


def open_clip_layout(model: nn.Module, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rename tensors as open_clip itself does for checkpoints of other programs and of its own older versions."""
    plain = {name.removeprefix("module."): tensor for name, tensor in state.items()}
    plain = convert_state_dict(model, plain)
    if "positional_embedding" in plain and not hasattr(model, "positional_embedding"):
        plain = convert_to_custom_text_state_dict(plain)
    return plain


def _known_name(model: str) -> str:
    """The name under which open_clip knows the model; a configuration file is registered under its stem."""
    if model.endswith(".json"):
        return _registered(Path(model))
    if open_clip.get_model_config(model) is None:
        near = get_close_matches(model, open_clip.list_models(), cutoff=0.3)
        raise UserError(f"open_clip knows no model {model!r}", fix=f"did you mean one of {', '.join(near)}?")
    return model


def _registered(path: Path) -> str:
    missing = CONFIGURATION_KEYS - set(read_json(path))
    if missing:
        raise UserError(
            f"{path}: lacks {', '.join(sorted(missing))}",
            fix="give a model configuration as open_clip keeps them: embed_dim, vision_cfg and text_cfg at the top",
        )
    open_clip.add_model_config(path)
    return path.stem


def _own_preparation(name: str, tag: str | None) -> dict[str, object]:
    published = open_clip.get_pretrained_cfg(name, tag) if tag else {}
    return {
        key: published[key] for key in ("mean", "std", "interpolation", "resize_mode") if key in published
    }


def _fetched(name: str, tag: str) -> str:
    """The file of a known tag, from open_clip's cache or the network."""
    published = open_clip.get_pretrained_cfg(name, tag)
    if not published:
        tags = ", ".join(open_clip.list_pretrained_tags_by_model(name)) or "none"
        raise UserError(
            f"weights {tag!r} are neither a file nor a tag of model {name!r}",
            fix=f"give a file, or one of its tags: {tags}",
        )
    if published.get("quick_gelu", False) != open_clip.get_model_config(name).get("quick_gelu", False):
        other = name.removesuffix("-quickgelu") if name.endswith("-quickgelu") else f"{name}-quickgelu"
        raise UserError(
            f"weights {tag!r} were trained with another activation than model {name!r} has",
            fix=f"use model {other}",
        )
    try:
        return open_clip.download_pretrained(published)
    except (OSError, RuntimeError) as error:
        raise UserError(
            f"weights {tag!r} of {name!r} could not be fetched ({error})",
            fix="check the network, or fetch the file elsewhere and give its path",
        ) from error


def encode_images(clip: Clip, images: Tensor) -> Tensor:
    """Unit-length float32 embeddings (N, D) of prepared images (N, 3, S, S), on the device of the image tower."""
    return torch.nn.functional.normalize(clip.model.encode_image(images).float(), dim=-1)


def encode_texts(clip: Clip, tokens: Tensor) -> Tensor:
    """Unit-length float32 embeddings (N, D) of tokens (N, context length)."""
    return torch.nn.functional.normalize(clip.model.encode_text(tokens).float(), dim=-1)
