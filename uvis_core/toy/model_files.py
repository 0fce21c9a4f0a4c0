"""How the embedded models are stored."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from uvis_core.io.weights import write_state_dict


def write_half_precision(path: Path, state: Mapping[str, Tensor]) -> None:
    """Write safetensors with floating tensors as float16: half the file, and read back into float32."""
    halves = {name: value.half() if value.is_floating_point() else value for name, value in state.items()}
    write_state_dict(path, halves)
