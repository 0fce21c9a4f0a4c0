"""Weights and checkpoints."""

import json
import os
import pickle
import struct
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from tests.bad_inputs.case import BadInput, refusal
from tests.model.tiny import tiny_model
from uvis_core.io.weights import read_state_dict
from uvis_core.model.checkpoint import load_checkpoint, load_initial, save_checkpoint

Meet = Callable[[Path], str]
STATE = {"a.weight": torch.arange(6.0).reshape(2, 3), "a.bias": torch.zeros(2)}
HEAD = "class_predictor.bias"


def holding(content: bytes, name: str = "w.pth") -> Meet:
    """Meets a file of weights of this content."""

    def meet(folder: Path) -> str:
        (folder / name).write_bytes(content)
        return refusal(read_state_dict, folder / name)

    return meet


def saved(content: Any, change: Callable[[bytes], bytes] = bytes, *, legacy: bool = False) -> Meet:
    """Meets what torch saves of a content, changed."""

    def meet(folder: Path) -> str:
        path = folder / "w.pth"
        torch.save(content, path, _use_new_zipfile_serialization=not legacy)
        path.write_bytes(change(path.read_bytes()))
        return refusal(read_state_dict, path)

    return meet


class Runs:
    """Makes a folder if it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.target),)


def payload(name: str, dump: Callable[[Any, Path], None]) -> Meet:
    """Meets a file that would make a folder; says so if it was made."""

    def meet(folder: Path) -> str:
        dump({"a.weight": Runs(folder / "executed")}, folder / name)
        said = refusal(read_state_dict, folder / name)
        return said + (" EXECUTED" if (folder / "executed").exists() else " nothing ran")

    return meet


def pickled(content: Any, path: Path) -> None:
    """Write a plain pickle."""
    path.write_bytes(pickle.dumps(content, protocol=2))


def traversal(folder: Path) -> str:
    """An archive whose parts lie outside of it."""
    with zipfile.ZipFile(folder / "w.pth", "w") as archive:
        archive.writestr("../../executed/data.pkl", pickle.dumps(STATE["a.bias"].tolist()))
        archive.writestr("../../executed/version", "3")
    said = refusal(read_state_dict, folder / "w.pth")
    return said + (" WRITTEN" if list(folder.parent.parent.glob("executed")) else " nothing written")


def damaged_everywhere(folder: Path) -> str:
    """Each byte of a legacy file changed in turn: all that is refused is refused in words."""
    path = folder / "w.pth"
    torch.save({"a": torch.ones(2)}, path, _use_new_zipfile_serialization=False)
    whole = path.read_bytes()
    said = ""
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x2C]) + whole[place + 1 :])
        try:
            read_state_dict(path)
        except Exception as error:  # A traceback must show its kind, or the words below would stand there.
            said = str(error) if hasattr(error, "fix") else f"{type(error).__name__} at byte {place}"
            if not hasattr(error, "fix"):
                return said
    return said


def header(sizes: Mapping[str, Any], length: int | None = None) -> bytes:
    """A safetensors file of a header alone."""
    text = json.dumps(sizes).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text


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


UNREADABLE = "w.pth: cannot be read as weights"
PLACE, CONFIG = "model.safetensors: ", "config.json: "
CASES = [
    BadInput(
        "a file that is not there",
        lambda folder: refusal(read_state_dict, folder / "w.pth"),
        "refused",
        ("w.pth: no such weights file", "fetch_weights.py"),
    ),
    BadInput("an empty file", holding(b""), "refused", (UNREADABLE, "fetch it again")),
    BadInput("a text", holding(b"weights"), "refused", (UNREADABLE, "fetch it again")),
    BadInput("a page of a server, named weights", holding(b"<!doctype html>"), "refused", (UNREADABLE,)),
    BadInput("a torch file cut short", saved(STATE, lambda whole: whole[:200]), "refused", (UNREADABLE,)),
    BadInput(
        "a torch file of the older kind, cut short",
        saved(STATE, lambda whole: whole[:-20], legacy=True),
        "refused",
        (UNREADABLE,),
    ),
    BadInput(
        "a torch file of the older kind, damaged at every seventh byte",
        damaged_everywhere,
        "refused",
        (UNREADABLE, "fetch it again"),
    ),
    BadInput(
        "safetensors cut short",
        holding(header({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}), "w.safetensors"),
        "refused",
        ("w.safetensors: cannot be read as weights", "fetch it again"),
    ),
    BadInput(
        "a header that claims gigabytes",
        holding(header({}, length=2**40), "w.safetensors"),
        "refused",
        ("w.safetensors: cannot be read as weights",),
    ),
    BadInput(
        "a tensor that claims gigabytes",
        holding(
            header({"a": {"dtype": "F32", "shape": [2**34], "data_offsets": [0, 2**36]}}) + bytes(8),
            "w.safetensors",
        ),
        "refused",
        ("w.safetensors: cannot be read as weights", "fetch it again"),
    ),
    BadInput(
        "numbers in place of tensors",
        saved({"model": {"a": 3}}),
        "refused",
        ("holds something else than named",),
    ),
    BadInput(
        "a pickle that would run code",
        payload("w.pkl", pickled),
        "refused",
        ("w.pkl: cannot be read as weights", "mkdir", "may run code", "nothing ran"),
    ),
    BadInput(
        "a pickle that would run code, named pth",
        payload("w.pth", pickled),
        "refused",
        (UNREADABLE, "nothing ran"),
    ),
    BadInput(
        "a torch file that would run code",
        payload("w.pth", torch.save),
        "refused",
        (UNREADABLE, "nothing ran"),
    ),
    BadInput("an archive whose parts lead outside", traversal, "refused", (UNREADABLE, "nothing written")),
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
