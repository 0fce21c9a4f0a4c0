import io
import os
import pickle
import struct
from collections import OrderedDict

import numpy as np
import pytest
import torch

from uvis_core.io.errors import UserError
from uvis_core.io.pickles import read_arrays
from uvis_core.io.weights import read_state_dict

ARRAYS = {
    "conv1_w": np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2),
    "res_conv1_bn_gamma": np.array([0.5, -1.0], dtype=np.float64),
    "half": np.array([[1.5]], dtype=np.float16),
    "counter": np.array(7, dtype=np.int64),
    "columns": np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
    "foreign_order": np.array([1.0, 2.0], dtype=">f4"),
    "empty": np.zeros((0, 3), dtype=np.float32),
}


def write(path, content, protocol=2):
    path.write_bytes(pickle.dumps(content, protocol=protocol))
    return path


def same(found, expected):
    return set(found) == set(expected) and all(
        np.array_equal(found[name], expected[name]) for name in expected
    )


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "wrapped",
    [
        lambda arrays: arrays,
        lambda arrays: {"model": OrderedDict(arrays), "__author__": "DINO", "matching_heuristics": True},
        lambda arrays: {"blobs": {**arrays, "conv1_w_momentum": arrays["conv1_w"]}, "cfg": "text"},
    ],
    ids=["flat", "detectron2", "Detectron"],
)
def test_arrays_come_back(tmp_path, protocol, wrapped):
    path = write(tmp_path / "R-50.pkl", wrapped(ARRAYS), protocol)
    assert same(read_arrays(path), ARRAYS)


def test_tensors_come_back(tmp_path):
    state = read_state_dict(write(tmp_path / "R-50.pkl", ARRAYS))
    assert state["conv1_w"].dtype == torch.float32
    assert torch.equal(state["foreign_order"], torch.tensor([1.0, 2.0]))
    assert same({name: tensor.numpy() for name, tensor in state.items()}, ARRAYS)


def test_numpy_numbers_count_as_arrays(tmp_path):
    found = read_arrays(write(tmp_path / "R-50.pkl", {"model": {"counter": np.int64(3)}}))
    assert found["counter"].shape == ()


def python2_pickle(values):
    """One named array as Python 2 wrote it: byte strings without an encoding, under numpy 1's module names."""
    raw = values.astype("<f4").tobytes()

    def text(value):
        return b"U" + bytes([len(value)]) + value

    return b"".join(
        [
            b"\x80\x02}",
            text(b"conv1_w"),
            b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85",
            text(b"b"),
            b"\x87R(K\x01K" + bytes([len(values)]) + b"\x85cnumpy\ndtype\n",
            text(b"f4"),
            b"K\x00K\x01\x87R(K\x03" + text(b"<") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89",
            b"T" + struct.pack("<i", len(raw)) + raw,
            b"tbs.",
        ]
    )


def test_a_pickle_of_python_2(tmp_path):
    values = np.array([1.0, -2.5, 3e-7], dtype=np.float32)  # bytes above 127, which ASCII would not hold
    (tmp_path / "R-50.pkl").write_bytes(python2_pickle(values))
    assert np.array_equal(read_arrays(tmp_path / "R-50.pkl")["conv1_w"], values)


class Runs:
    """Would leave a folder behind if it were unpickled."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize(
    ("function", "name"), [(os.mkdir, f"{os.mkdir.__module__}.mkdir"), (eval, "eval"), (getattr, "getattr")]
)
def test_a_payload_is_refused_by_name_and_never_runs(tmp_path, function, name, protocol):
    target = tmp_path / "executed"
    arguments = {os.mkdir: (str(target),), eval: (f"__import__('os').mkdir({str(target)!r})",)}
    payload = Runs(function, *arguments.get(function, (tmp_path, "mkdir")))
    path = write(tmp_path / "R-50.pkl", {"model": {**ARRAYS, "x": payload}}, protocol)
    with pytest.raises(UserError, match="cannot be read as weights: the pickle asks for") as caught:
        read_state_dict(path)
    assert name in caught.value.message
    assert "may run code" in caught.value.fix
    assert not target.exists()


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ({"x": np.array([{}], dtype=object)}, "O8"),
        ({"x": np.zeros(1, dtype=[("a", "f4")])}, "V4"),
        ({"x": {1, 2}}, "set"),
        ({"x": io.BytesIO()}, "BytesIO"),
    ],
    ids=["object array", "record array", "set", "stream"],
)
def test_what_is_no_plain_array_is_refused(tmp_path, content, word):
    with pytest.raises(UserError, match=word):
        read_arrays(write(tmp_path / "R-50.pkl", content))


@pytest.mark.parametrize("content", [[1, 2], {"a": "text"}, {"model": {"a": [1.0]}}, {1: np.zeros(1)}])
def test_something_else_than_named_arrays_is_refused(tmp_path, content):
    with pytest.raises(UserError, match="named arrays"):
        read_arrays(write(tmp_path / "R-50.pkl", content))


def test_a_cut_file_is_refused(tmp_path):
    whole = pickle.dumps(ARRAYS, protocol=2)
    for share in (0.0, 0.3, 0.9):
        (tmp_path / "R-50.pkl").write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(UserError, match="cannot be read as weights"):
            read_arrays(tmp_path / "R-50.pkl")
