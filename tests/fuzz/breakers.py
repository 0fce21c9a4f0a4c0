"""Readers that break in every way, by which the search itself is tried."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from tests.fuzz.target import Target
from uvis_core.io.errors import UserError

CPU_S = 0.3


def crash(path: Path) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def fill(path: Path) -> None:
    np.empty(2**30, dtype=np.uint8)


def go_on(path: Path) -> None:
    while path:
        pass


def fail(path: Path) -> None:
    raise KeyError(path)


def refuse(path: Path) -> None:
    raise UserError(f"{path}: cannot be read", fix="give another")


def breaker(name: str, read: Callable[[Path], None]) -> Target:
    inputs = st.sampled_from((b"one", b"two"))
    return Target(name, "input", lambda: inputs, read, memory_bytes=2**28, cpu_s=CPU_S)


TARGETS = [
    breaker("crash", crash),
    breaker("memory", fill),
    breaker("endless", go_on),
    breaker("error", fail),
    breaker("none", refuse),
]
