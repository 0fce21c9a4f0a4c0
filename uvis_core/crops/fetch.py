"""Weights of an open_clip tag as a file of their own, fetched ahead of the jobs that load them."""

import os
import re
import shutil
from pathlib import Path

import open_clip
import pooch
from transformers import AutoConfig

from uvis_core.crops.published import fetched_by_open_clip, known_model, published_entry
from uvis_core.io.atomic import atomic_path, write_json
from uvis_core.io.errors import UserError
from uvis_core.weights.download import fetch_file


def fetch_tag(model: str, tag: str, path: Path | str) -> None:
    """Fetch the weights of a tag to ``path``, and into the library's cache what else the model needs.

    Weights on the Hugging Face hub come by its own library, which resumes and checks them; others come from their
    address. The record beside the file holds its SHA-256.

    Raises:
        UserError: open_clip does not know the model or the tag, or something cannot be had.
    """
    path = Path(path)
    entry = published_entry(known_model(model), tag)
    if entry.get("hf_hub"):
        source = f"huggingface.co/{entry['hf_hub']}"
        place(fetched_by_open_clip(model, tag), path)
        found = pooch.file_hash(str(path), alg="sha256")
    else:
        source = entry["url"]
        found = fetch_file(source, path, sha256=published_hash(source))
    _fetch_text_parts(model)
    record = {"name": f"{model} {tag}", "address": source, "sha256": found, "bytes": path.stat().st_size}
    write_json(path.with_name(f"{path.name}.json"), record, indent=1)


def published_hash(address: str) -> str | None:
    """The SHA-256, or its first digits, that some publishers of CLIP models put into the address."""
    found = re.search(r"/([0-9a-f]{64})/|-([0-9a-f]{8})\.pt$", address)
    return (found[1] or found[2]) if found else None


def place(source: Path | str, path: Path) -> None:
    """Give a file of the library's cache a second name, without a second copy where the file system can."""
    whole = Path(source).resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(whole, path)
    except OSError:
        with atomic_path(path) as temporary:
            shutil.copyfile(whole, temporary)


def _fetch_text_parts(model: str) -> None:
    """Tokenizer and text configuration of models that take them from the Hugging Face hub; others bring their own."""
    text_tower = open_clip.get_model_config(model)["text_cfg"].get("hf_model_name")
    try:
        open_clip.get_tokenizer(model)
        if text_tower:
            AutoConfig.from_pretrained(text_tower)
    except OSError as error:
        raise UserError(
            f"the tokenizer of {model!r} could not be fetched ({error})",
            fix="check the network and run again",
        ) from error
