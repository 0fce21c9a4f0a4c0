"""Files of weights."""

import json
import os
import pickle
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from tests.bad_inputs.case import BadInput, refusal
from uvis_core.io.weights import read_state_dict

Meet = Callable[[Path], str]
STATE = {"a.weight": torch.arange(6.0).reshape(2, 3), "a.bias": torch.zeros(2)}


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


UNREADABLE = "w.pth: cannot be read as weights"
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
]
