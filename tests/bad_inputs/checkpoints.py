"""Checkpoints: weights with the description beside them."""

import json
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from tests.bad_inputs.case import BadInput, refusal
from tests.model.tiny import tiny_model
from uvis_core.model.checkpoint import load_checkpoint, load_initial, save_checkpoint

Meet = Callable[[Path], str]
HEAD = "class_predictor.bias"


@cache
def tiny_files() -> tuple[bytes, bytes]:
    """Weights and description of a tiny checkpoint of classes 3 and 9."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.safetensors")
        save_checkpoint(tiny_model((3, 9)), path)
        return path.read_bytes(), path.with_name("config.json").read_bytes()


def checkpoint(folder: Path) -> Path:
    """The tiny checkpoint in a folder."""
    path = folder / "model.safetensors"
    for file, content in zip((path, path.with_name("config.json")), tiny_files(), strict=True):
        file.write_bytes(content)
    return path


def state(change: Callable[[dict[str, torch.Tensor]], object]) -> Meet:
    """Meets the tiny checkpoint with other tensors."""

    def meet(folder: Path) -> str:
        path = checkpoint(folder)
        tensors = load_file(path)
        change(tensors)
        save_file(tensors, path)
        return refusal(load_checkpoint, path)

    return meet


def config(change: Callable[[dict[str, Any]], object]) -> Meet:
    """Meets the tiny checkpoint with another description."""

    def meet(folder: Path) -> str:
        path = checkpoint(folder)
        content = json.loads(path.with_name("config.json").read_text())
        change(content)
        path.with_name("config.json").write_text(json.dumps(content))
        return refusal(load_checkpoint, path)

    return meet


def size(key: str, value: Any) -> Meet:
    """Meets the tiny checkpoint with another size in its description."""
    return config(lambda content: content["uvis"]["model"].update({key: value}))


def class_ids(value: Any) -> Meet:
    """Meets the tiny checkpoint with other class ids in its description."""
    return config(lambda content: content["uvis"].update(class_ids=value))


def without_config(folder: Path) -> str:
    """The weights alone."""
    path = checkpoint(folder)
    path.with_name("config.json").unlink()
    return refusal(load_checkpoint, path)


def config_of_text(folder: Path) -> str:
    """A description that is no json."""
    path = checkpoint(folder)
    path.with_name("config.json").write_text("model: minvis\n")
    return refusal(load_checkpoint, path)


def of_a_folder(folder: Path) -> str:
    """The checkpoint's folder in place of its file."""
    return refusal(load_checkpoint, checkpoint(folder).parent)


def missing(folder: Path) -> str:
    """No checkpoint at all."""
    return refusal(load_checkpoint, folder / "model.safetensors")


def initial_of_another_size(folder: Path) -> str:
    """Training that starts from a model of another size."""
    path = checkpoint(folder)
    content = json.loads(path.with_name("config.json").read_text())
    content["uvis"]["model"]["queries"] = 6
    path.with_name("config.json").write_text(json.dumps(content))
    return refusal(load_initial, tiny_model((3, 9)), path)


def initial_without_head(folder: Path) -> str:
    """Training that starts from a model of one class whose head is gone."""
    path = folder / "model.safetensors"
    save_checkpoint(tiny_model((1,)), path)
    tensors = load_file(path)
    del tensors[HEAD]
    save_file(tensors, path)
    return refusal(load_initial, tiny_model((3, 9)), path)


PLACE, CONFIG = "model.safetensors: ", "config.json: "
CASES = [
    BadInput(
        "a checkpoint that is not there", missing, "refused", (f"{PLACE}no such checkpoint", "training stage")
    ),
    BadInput(
        "a checkpoint's folder in place of its file",
        of_a_folder,
        "refused",
        (": is a folder", "model.safetensors"),
    ),
    BadInput(
        "a checkpoint without its config.json",
        without_config,
        "refused",
        (f"{PLACE}has no config.json beside it", "written with it", "convert_checkpoint.py"),
    ),
    BadInput("a config.json that is no json", config_of_text, "refused", (f"{CONFIG}not valid JSON",)),
    BadInput(
        "the config.json of another family of models",
        config(lambda content: content.pop("uvis")),
        "refused",
        (f"{CONFIG}does not describe a model of this project", "convert_checkpoint.py"),
    ),
    BadInput(
        "a recipe of a later version",
        config(lambda content: content["uvis"].update(recipe="later")),
        "refused",
        (f"{CONFIG}recipe is 'later', which this version does not know", "minvis, image, videocutler"),
    ),
    BadInput("a size that is a text", size("queries", "many"), "refused", (f"{CONFIG}queries", "got 'many'")),
    BadInput("a size below 1", size("heads", 0), "refused", (f"{CONFIG}heads", "greater than or equal to 1")),
    BadInput(
        "a size that does not exist", size("depth", 3), "refused", (f"{CONFIG}depth: there is no such key",)
    ),
    BadInput(
        "a billion queries",
        size("queries", 10**9),
        "refused",
        (f"{CONFIG}queries is 1000000000, but no tensor of", "put back the config.json"),
    ),
    BadInput(
        "a billion layers",
        size("decoder_layers", 10**9),
        "refused",
        (f"{CONFIG}decoder_layers is 1000000000",),
    ),
    BadInput(
        "a size that is a little wrong",
        size("queries", 6),
        "refused",
        (PLACE, "of another shape", "(5, 64) instead of (6, 64)", "the model is of another size"),
    ),
    BadInput(
        "class ids that are a text", class_ids("12"), "refused", (f"{CONFIG}class_ids are '12'", "fix:")
    ),
    BadInput(
        "class ids that are words", class_ids(["star"]), "refused", (f"{CONFIG}class_ids are ['star']",)
    ),
    BadInput("one class id twice", class_ids([3, 3]), "refused", (f"{CONFIG}class_ids are [3, 3]",)),
    BadInput("no class ids", class_ids([]), "refused", (f"{CONFIG}class_ids are []",)),
    BadInput("a class id too many", class_ids([3, 9, 10]), "refused", (PLACE, "class_predictor.bias (3,)")),
    BadInput(
        "a NaN in a tensor",
        state(lambda tensors: tensors[HEAD].fill_(float("nan"))),
        "refused",
        (f"{PLACE}{HEAD} holds NaN or infinity", "take another checkpoint"),
    ),
    BadInput(
        "a missing tensor",
        state(lambda tensors: tensors.pop(HEAD)),
        "refused",
        (PLACE, f"1 missing: {HEAD}", "whole"),
    ),
    BadInput(
        "a surplus tensor",
        state(lambda tensors: tensors.update(extra=torch.ones(1))),
        "refused",
        (PLACE, "1 unexpected: extra", "one with more parts"),
    ),
    BadInput(
        "the tensors of another family of models",
        state(lambda tensors: (tensors.clear(), tensors.update({"visual.proj": torch.ones(64, 64)}))),
        "refused",
        (PLACE, "1 unexpected: visual.proj", "fix:"),
    ),
    BadInput(
        "an initial model of another size",
        initial_of_another_size,
        "refused",
        (f"{PLACE}the initial model has other sizes: queries 6 instead of 5",),
    ),
    BadInput(
        "an initial model of one class without its head",
        initial_without_head,
        "refused",
        (PLACE, f"1 missing: {HEAD}"),
    ),
]
