"""Readers of weights and of what describes them."""

import io
import json
import pickle
import struct
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import torch
from hypothesis import strategies as st
from safetensors.torch import save

from tests.fuzz.damage import damaged_bytes, damaged_documents, damaged_json
from tests.fuzz.target import Target
from uvis_core.config.model import ModelSettings
from uvis_core.io.pickles import NUMBERS, read_arrays
from uvis_core.io.weights import read_state_dict
from uvis_core.model.checkpoint import read_config

ARRAYS = {"weight": np.arange(6, dtype=np.float32).reshape(2, 3), "half": np.ones(2, dtype=np.float16)}
STATE = {"weight": torch.arange(6.0).reshape(2, 3), "half": torch.ones(2, dtype=torch.float16)}
HEADER_BYTES = 8


def read_tensors(path: Path) -> None:
    for name, tensor in read_state_dict(path).items():
        assert isinstance(name, str)
        assert tensor.sum().numel() == 1, "every element can be read"


def read_pickle(path: Path) -> None:
    for name, array in read_arrays(path).items():
        assert isinstance(name, str)
        assert array.dtype.kind in NUMBERS
        assert array.tobytes() is not None, "every element can be read"


def safetensors_inputs() -> st.SearchStrategy[bytes]:
    valid = save(STATE, {"format": "pt"})
    (length,) = struct.unpack("<Q", valid[:HEADER_BYTES])
    header, data = json.loads(valid[HEADER_BYTES : HEADER_BYTES + length]), valid[HEADER_BYTES + length :]

    def joined(damaged: object) -> bytes:
        text = json.dumps(damaged).encode()
        return struct.pack("<Q", len(text)) + text + data

    return st.one_of(
        damaged_documents(header).map(joined), damaged_bytes(valid, [(0, HEADER_BYTES + length)])
    )


def pickle_inputs() -> st.SearchStrategy[bytes]:
    valid = [
        pickle.dumps(content, protocol=protocol)
        for protocol in (0, 2, 4)
        for content in (ARRAYS, {"model": ARRAYS, "__author__": "x"})
    ]
    return st.one_of(
        st.one_of([damaged_bytes(content, [(0, min(160, len(content) - 1))]) for content in valid]),
        st.binary(max_size=30),
    )


@cache
def torch_file(legacy: bool) -> bytes:
    stream = io.BytesIO()
    torch.save({"model": STATE, "epoch": 3}, stream, _use_new_zipfile_serialization=not legacy)
    return stream.getvalue()


def zipped_inputs() -> st.SearchStrategy[bytes]:
    """Torch files whose archive is sound and whose pickle is damaged, or whose archive is."""
    with zipfile.ZipFile(io.BytesIO(torch_file(legacy=False))) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    pickled = next(name for name in entries if name.endswith("data.pkl"))

    def joined(damaged: bytes) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, content in entries.items():
                archive.writestr(name, damaged if name == pickled else content)
        return stream.getvalue()

    return st.one_of(damaged_bytes(entries[pickled]).map(joined), damaged_bytes(torch_file(legacy=False)))


def read_description(path: Path) -> None:
    checkpoint = path.with_name("model.safetensors")
    checkpoint.touch()
    settings, class_ids, _ = read_config(checkpoint)
    assert ModelSettings.model_validate_json(settings.model_dump_json()) == settings
    assert all(isinstance(number, int) for number in class_ids)


def description_inputs() -> st.SearchStrategy[bytes]:
    entry = {"model": ModelSettings().model_dump(mode="json"), "class_ids": [1, 2]}
    return damaged_json({"architectures": ["Mask2Former"], "uvis": entry})


TARGETS = [
    Target("safetensors", "model.safetensors", safetensors_inputs, read_tensors),
    Target("pickles", "weights.pkl", pickle_inputs, read_pickle),
    Target("torch-files", "weights.pth", zipped_inputs, read_tensors),
    Target(
        "legacy-torch-files",
        "weights.pth",
        lambda: damaged_bytes(torch_file(legacy=True)),
        read_tensors,
    ),
    Target("checkpoints", "config.json", description_inputs, read_description),
]
