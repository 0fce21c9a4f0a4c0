"""A vision transformer small enough for tests, with random weights, as a weights file."""

from pathlib import Path

import torch

from uvis_core.io.weights import write_state_dict
from uvis_core.vit.transformer import build_vit


def write_tiny_vit(folder: Path) -> Path:
    """Write the weights of timm's ``test_vit``; equal on every call."""
    torch.manual_seed(0)
    path = folder / "tiny.safetensors"
    write_state_dict(path, build_vit("test_vit").model.state_dict())
    return path
