"""Which device computes, and in which precision."""

from contextlib import AbstractContextManager, nullcontext

import torch

from uvis_core.config.base import Precision
from uvis_core.io.errors import UserError


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
