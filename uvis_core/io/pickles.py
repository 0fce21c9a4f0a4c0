"""Weights that come as Python pickles, read without letting the pickle call anything.

detectron2 and Detectron publish arrays this way. A pickle is a program that may name any function to be called; the
reader here admits what rebuilds numpy arrays of numbers and plain containers, and refuses the file at the first
other name.
"""

import pickle
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy._core.multiarray import _reconstruct, scalar
from numpy._core.numeric import _frombuffer  # type: ignore[attr-defined]

from uvis_core.io.errors import UserError, is_the_machines, machine_error

NUMBERS = "biuf"
# Beside the weights, in files of Detectron: names of tensors, and states of its optimiser.
BESIDE = ("weight_order", "cfg")
MOMENTUM = "_momentum"


class Refused(Exception):
    """The pickle asks for something else than arrays and plain containers."""


def _dtype(code: Any, *_options: Any) -> np.dtype:
    """A plain number type; records and objects could hold anything."""
    if not isinstance(code, str):
        raise Refused(f"a data type made from {type(code).__name__}")
    # A copy, because the pickle sets the byte order on it next.
    made = np.dtype(code, align=False, copy=True)
    if made.kind not in NUMBERS:
        raise Refused(f"data type {code!r}")
    return made


def _bytes_of_text(text: str, encoding: str) -> bytes:
    """How Python 3 writes bytes into pickles that Python 2 can read."""
    if encoding != "latin1":
        raise Refused(f"encoding {encoding!r}")
    return text.encode("latin1")


def _no_bytes(*content: Any) -> bytes:
    """How Python 3 writes empty bytes for Python 2."""
    if content:
        raise Refused("bytes made from other values")
    return b""


ADMITTED: dict[tuple[str, str], Callable[..., Any]] = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): _dtype,
    ("_codecs", "encode"): _bytes_of_text,
    ("collections", "OrderedDict"): OrderedDict,
    ("__builtin__", "bytes"): _no_bytes,
    ("builtins", "bytes"): _no_bytes,
    # numpy 1 and 2 keep the same functions in differently named modules.
    **{(f"numpy.{core}.multiarray", "_reconstruct"): _reconstruct for core in ("core", "_core")},
    **{(f"numpy.{core}.multiarray", "scalar"): scalar for core in ("core", "_core")},
    **{(f"numpy.{core}.numeric", "_frombuffer"): _frombuffer for core in ("core", "_core")},
}


class _ArraysOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        """Admit by exact name alone."""
        try:
            return ADMITTED[module, name]
        except KeyError:
            raise Refused(f"{module}.{name}") from None


def read_arrays(path: Path | str) -> dict[str, np.ndarray]:
    """Read named arrays from a pickle in the layouts of detectron2 (under ``model``) or Detectron (``blobs``, or flat).

    Strings of Python 2 are read as latin1, as these files need it.

    Raises:
        UserError: The file is cut, asks for something else than arrays and plain containers (names it), or holds
            something else than named arrays.
        MachineError: The disk or a missing permission is at fault.
    """
    try:
        with Path(path).open("rb") as stream:
            content = _ArraysOnly(stream, encoding="latin1").load()
    except Refused as error:
        raise UserError(
            f"{path}: cannot be read as weights: the pickle asks for {error}, which no array needs",
            fix="do not use this file: loading it by other means may run code; get it from its publisher",
        ) from error
    except Exception as error:  # A damaged pickle can fail in every way, for want of memory too.
        if isinstance(error, OSError) and is_the_machines(error):
            raise machine_error(path, "could not be read", error) from error
        raise UserError(
            f"{path}: cannot be read as weights ({(str(error) or type(error).__name__).splitlines()[0]})",
            fix="the file is cut short or no pickle of arrays: fetch it again",
        ) from error
    for key in ("model", "blobs"):
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
    if not isinstance(content, Mapping):
        raise UserError(f"{path}: holds no named arrays", fix="give a file that holds arrays by name")
    named = {
        name: value
        for name, value in content.items()
        if name not in BESIDE and not (isinstance(name, str) and name.endswith(MOMENTUM))
    }
    foreign = [
        name
        for name, value in named.items()
        if not (isinstance(value, np.ndarray | np.generic) and value.dtype.kind in NUMBERS)
    ]
    if foreign or not all(isinstance(name, str) for name in named):
        raise UserError(
            f"{path}: holds something else than named arrays of numbers: {', '.join(map(str, foreign[:8]))}",
            fix="give a file that holds arrays by name, at its top or under the key 'model'",
        )
    return {name: np.asarray(value) for name, value in named.items()}
