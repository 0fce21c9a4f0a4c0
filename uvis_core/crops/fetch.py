"""Weights of an open_clip tag as a file of their own, fetched ahead of the jobs that load them."""

from pathlib import Path

import open_clip
from huggingface_hub import file_exists, hf_hub_url
from huggingface_hub.errors import HTTPError
from huggingface_hub.utils import build_hf_headers
from open_clip.constants import HF_SAFE_WEIGHTS_NAME, HF_WEIGHTS_NAME
from transformers import AutoConfig

from uvis_core.crops.published import known_model, published_entry
from uvis_core.io.atomic import write_json
from uvis_core.io.errors import UserError
from uvis_core.weights.download import fetch_file


def fetch_tag(model: str, tag: str, path: Path | str) -> None:
    """Fetch the weights of a tag to ``path``, and into the hub's cache what else the model needs.

    The file is checked against the SHA-256 that the hub names for it. The record beside it holds that hash.

    Raises:
        UserError: open_clip does not know the model or the tag, or something cannot be had.
    """
    path = Path(path)
    entry = published_entry(known_model(model), tag)
    address = hub_address(entry["hf_hub"])
    found = fetch_file(address, path, headers=build_hf_headers())
    _fetch_text_parts(model)
    record = {"name": f"{model} {tag}", "address": address, "sha256": found, "bytes": path.stat().st_size}
    write_json(path.with_name(f"{path.name}.json"), record, indent=1)


def hub_address(published: str) -> str:
    """Where the Hugging Face hub keeps the weights of an open_clip tag: as safetensors, if it has them so.

    A hub that cannot be asked is an error: with a guess, a faltering network would choose the file.

    Args:
        published: As open_clip keeps it: repository and file, or nothing after the last ``/`` for the usual file.

    Raises:
        UserError: The hub has no such file, or cannot be asked.
    """
    repository, _, file = published.rpartition("/")
    usual = (HF_SAFE_WEIGHTS_NAME, HF_WEIGHTS_NAME)
    names = (str(Path(file).with_suffix(".safetensors")), file) if file else usual
    try:
        for name in names:
            if file_exists(repository, name):
                return hf_hub_url(repository, name)
    except (OSError, HTTPError) as error:
        raise UserError(
            f"the Hugging Face hub could not be asked for {repository} ({error})",
            fix="check the network, a mirror set as HF_ENDPOINT and, where the model's page asks for a login, HF_TOKEN",
        ) from error
    raise UserError(
        f"{repository}: the Hugging Face hub holds neither {' nor '.join(names)}",
        fix="it has moved: choose another tag, or get the file elsewhere and give its path as crops.weights",
    )


def _fetch_text_parts(model: str) -> None:
    """Tokenizer and text configuration of models that take them from the Hugging Face hub; others bring their own."""
    text_tower = open_clip.get_model_config(model)["text_cfg"].get("hf_model_name")
    try:
        open_clip.get_tokenizer(model)
        if text_tower:
            AutoConfig.from_pretrained(text_tower)
    except OSError as error:
        if error.errno:
            raise UserError(
                f"the tokenizer of {model!r} cannot be kept in the cache ({error})",
                fix="free some space, or set HF_HOME to a folder that you may write to",
            ) from error
        raise UserError(
            f"the tokenizer of {model!r} could not be fetched ({error})",
            fix="check the network and run again",
        ) from error
