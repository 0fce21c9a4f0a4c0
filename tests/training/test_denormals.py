import pytest
import torch

from uvis_core.training.denormals import flushed_denormals


def smallest() -> float:
    """A product that is no normal number in float32."""
    return (torch.tensor([1e-30]) * torch.tensor([1e-10])).item()


def test_are_zero_inside_and_numbers_again_outside() -> None:
    assert smallest() > 0
    with flushed_denormals():
        assert smallest() == 0
    assert smallest() > 0


def test_are_numbers_again_after_a_training_that_fails() -> None:
    with pytest.raises(ValueError, match="stop"), flushed_denormals():
        raise ValueError("stop")
    assert smallest() > 0
