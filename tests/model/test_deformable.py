import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from transformers.models.mask2former.modeling_mask2former import (
    Mask2FormerPixelDecoderEncoderMultiscaleDeformableAttention,
    multi_scale_deformable_attention,
)

from uvis_core.model.deformable import DeformableAttention, deformable_attention

SHAPES = [(2, 3), (4, 5), (7, 9)]


def drawn(seed: int, *, batch: int = 2, heads: int = 3, width: int = 4, beyond: float = 0.2) -> list[Tensor]:
    """Values, points as shares of a level (some of them beyond it) and attention, in double precision."""
    generator = torch.Generator().manual_seed(seed)
    places = sum(height * width for height, width in SHAPES)
    shape = (batch, 6, heads, len(SHAPES), 4)
    values = torch.randn(batch, places, heads, width, generator=generator, dtype=torch.float64)
    points = torch.rand(*shape, 2, generator=generator, dtype=torch.float64) * (1 + 2 * beyond) - beyond
    attention = torch.rand(shape, generator=generator, dtype=torch.float64)
    return [values, points, attention]


def ours(values: Tensor, points: Tensor, attention: Tensor) -> Tensor:
    size = torch.tensor([(width, height) for height, width in SHAPES])
    return deformable_attention(values, SHAPES, points * size[:, None] - 0.5, attention)


def plain(values: Tensor, points: Tensor, attention: Tensor) -> Tensor:
    return multi_scale_deformable_attention(values, SHAPES, points, attention)


@given(seed=st.integers(0, 2**31), beyond=st.sampled_from([0.0, 0.2, 3.0]))
def test_equals_the_plain_way_with_its_gradients(seed: int, beyond: float) -> None:
    given_ = drawn(seed, beyond=beyond)
    results = []
    for way in (ours, plain):
        inputs = [one.clone().requires_grad_() for one in given_]
        result = way(*inputs)
        (result * torch.linspace(-1, 1, result.numel(), dtype=result.dtype).view_as(result)).sum().backward()
        results.append([result.detach(), *(one.grad for one in inputs)])
    for mine, wanted in zip(*results, strict=True):
        torch.testing.assert_close(mine, wanted, rtol=1e-9, atol=1e-9)


def test_gradients_are_those_of_small_differences() -> None:
    inputs = [one.requires_grad_() for one in drawn(3, batch=1, heads=1, width=2)]
    assert torch.autograd.gradcheck(ours, inputs, atol=1e-6)


@pytest.mark.parametrize("place", [-1.0, -3.0, -1e9, 1e9, 3e38, -3e38])
def test_far_outside_lies_nothing(place: float) -> None:
    values = torch.ones(1, 6, 1, 2)
    points = torch.full((1, 1, 1, 1, 1, 2), place)
    assert deformable_attention(values, [(2, 3)], points, torch.ones(1, 1, 1, 1, 1)).abs().max() == 0


def test_what_is_no_number_spreads_instead_of_pointing_out_of_memory() -> None:
    values, points, attention = drawn(0)
    points[0, 0, 0] = torch.nan
    points.requires_grad_()
    seen = ours(values, points, attention)
    assert seen[0, 0, :4].isnan().all()
    assert seen[1].isfinite().all()
    seen.sum().backward()


def test_at_a_place_lies_its_value_and_between_two_their_mean() -> None:
    values = torch.tensor([[1.0, 2.0, 4.0], [8.0, 16.0, 32.0]]).view(1, 6, 1, 1)
    points = torch.tensor([[0.0, 0.0], [2.0, 1.0], [0.5, 0.0], [2.0, 0.5], [2.5, 1.0], [-0.5, -0.5]])
    seen = deformable_attention(values, [(2, 3)], points.view(1, 6, 1, 1, 1, 2), torch.ones(1, 6, 1, 1, 1))
    assert seen.flatten().tolist() == [1.0, 32.0, 1.5, 18.0, 16.0, 0.25]


def test_stands_for_the_layer_of_transformers_and_hides_what_is_masked() -> None:
    torch.manual_seed(0)
    original = Mask2FormerPixelDecoderEncoderMultiscaleDeformableAttention(16, 2, len(SHAPES), 4)
    for parameter in original.parameters():
        torch.nn.init.normal_(parameter)
    replaced = DeformableAttention(original)
    assert set(replaced.state_dict()) == set(original.state_dict())
    places = sum(height * width for height, width in SHAPES)
    states, positions = torch.randn(2, 2, places, 16)
    hidden = torch.rand(2, places) < 0.3
    arguments = {
        "hidden_states": states,
        "attention_mask": hidden,
        "encoder_hidden_states": states,
        "position_embeddings": positions,
        "reference_points": torch.rand(2, places, len(SHAPES), 2),
        "spatial_shapes_list": SHAPES,
    }
    for mine, wanted in zip(replaced(**arguments), original(**arguments), strict=True):
        torch.testing.assert_close(mine, wanted, rtol=1e-4, atol=1e-4)
