"""What open_clip knows by name: models, and their published weights."""

from difflib import get_close_matches
from pathlib import Path
from typing import Any

import open_clip

from uvis_core.io.atomic import read_json
from uvis_core.io.errors import UserError

CONFIGURATION_KEYS = frozenset({"embed_dim", "vision_cfg", "text_cfg"})


def known_model(model: str) -> str:
    """The name under which open_clip knows the model; a configuration file is registered under its stem.

    Raises:
        UserError: There is no such name, or the configuration file is missing or incomplete.
    """
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


def published_entry(model: str, tag: str) -> dict[str, Any]:
    """What open_clip knows of a model's weights.

    Raises:
        UserError: The model has no such tag, or the weights were trained with another activation.
    """
    entry = open_clip.get_pretrained_cfg(model, tag)
    if not entry:
        tags = ", ".join(open_clip.list_pretrained_tags_by_model(model)) or "none"
        raise UserError(
            f"weights {tag!r} are neither a file nor a tag of model {model!r}",
            fix=f"give a file, or one of its tags: {tags}",
        )
    if entry.get("quick_gelu", False) != open_clip.get_model_config(model).get("quick_gelu", False):
        other = model.removesuffix("-quickgelu") if model.endswith("-quickgelu") else f"{model}-quickgelu"
        raise UserError(
            f"weights {tag!r} were trained with another activation than model {model!r} has",
            fix=f"use model {other}",
        )
    return dict(entry)


def fetched_by_open_clip(model: str, tag: str) -> str:
    """The file of a known tag, from the library's cache or the network.

    Raises:
        UserError: The tag is unknown, or the file cannot be had.
    """
    entry = published_entry(model, tag)
    try:
        return str(open_clip.download_pretrained(entry))
    except (OSError, RuntimeError) as error:
        raise UserError(
            f"weights {tag!r} of {model!r} could not be fetched ({error})",
            fix="check the network and the room in the cache (HF_HOME), or fetch the file elsewhere and give its path",
        ) from error
