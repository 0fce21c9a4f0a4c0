"""Which device computes, and in which precision."""

from contextlib import AbstractContextManager, nullcontext

import torch

from uvis_core.config.base import Precision
from uvis_core.io.errors import UserError

CACHED_PX = 2**18
"""Pixels of the frames that go through a network together on a CPU; one frame may have more."""


def pick_device(name: str) -> torch.device:
    """Turn ``auto``, ``cpu``, ``cuda`` or ``cuda:N`` into a device; ``auto`` takes a GPU if there is one.

    Raises:
        UserError: The name is unknown, or asks for a GPU that torch does not see.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise UserError(f"device {name!r} is unknown", fix="use auto, cpu, cuda or cuda:N") from error
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise UserError(
            f"device {name!r} is not there: torch sees {torch.cuda.device_count()} GPUs",
            fix="use device auto or cpu, or install a driver that this torch supports",
        )
    return device


def autocast(device: torch.device, precision: Precision) -> AbstractContextManager:
    """The context in which a forward pass runs: plain float32, or bfloat16 where torch deems it safe."""
    if precision == "fp32":
        return nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)


def frames_at_once(wanted: int, height: int, width: int, device: torch.device) -> int:
    """How many of ``wanted`` frames go through a network together; results do not depend on it.

    On a CPU many small frames share the cost of a call, while what a layer makes of many large ones leaves the cache
    before the next layer reads it.

    Args:
        wanted: As many as there are, or as configured.
        height: Of a frame as the network sees it, pixels.
        width: The same.
        device: Where the network runs.
    """
    return wanted if device.type != "cpu" else max(1, min(wanted, CACHED_PX // (height * width)))
