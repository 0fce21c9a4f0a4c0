import pytest
import torch
from detectron2.layers import Conv2d
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from uvis_core.model import winograd
from uvis_core.model.winograd import FEWEST_CHANNELS, WinogradConv2d, suits, use_winograd

SIDES = st.integers(1, 19)


@given(
    batch=st.integers(0, 5),
    height=SIDES,
    width=SIDES,
    channels=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    with_bias=st.booleans(),
    rectified=st.booleans(),
    tiles=st.integers(1, 12),
    seed=st.integers(0, 1000),
)
@settings(max_examples=40, deadline=None)
def test_equals_the_convolution(batch, height, width, channels, with_bias, rectified, tiles, seed):
    generator = torch.Generator().manual_seed(seed)
    plain = nn.Conv2d(*channels, 3, padding=1, bias=with_bias).requires_grad_(False)
    for value in plain.parameters():
        value.copy_(torch.randn(value.shape, generator=generator))
    image = torch.randn((batch, channels[0], height, width), generator=generator)
    expected = plain.double()(image.double())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(winograd, "TILES", tiles)
        found = WinogradConv2d(plain, rectified=rectified)(image)
    assert found.dtype == torch.float32
    wanted = expected.relu() if rectified else expected
    # Twice the most of 5,000 draws: rounding follows the inputs and the norm of a kernel.
    largest = image.abs().max().item() if image.numel() else 0.0
    norm = plain.weight.flatten(1).norm(dim=1).max().item()
    torch.testing.assert_close(found.double(), wanted, rtol=0, atol=1e-5 * largest * norm)


def test_equals_the_convolution_over_many_channels():
    """As close as sums of 2304 products in float32 are, within a few times."""
    generator = torch.Generator().manual_seed(0)
    plain = nn.Conv2d(256, 256, 3, padding=1).requires_grad_(False)
    image = torch.randn((1, 256, 30, 22), generator=generator).relu()
    expected = plain.double()(image.double())
    found = WinogradConv2d(plain.float())(image)
    assert (found - expected).abs().max() < 3e-5 * expected.abs().max()


def test_stays_channels_last():
    plain = nn.Conv2d(4, 6, 3, padding=1).requires_grad_(False)
    for size in ((7, 9), (8, 12)):
        image = torch.randn(2, 4, *size).to(memory_format=torch.channels_last)
        assert WinogradConv2d(plain)(image).is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize(
    ("options", "suited"),
    [
        ({}, True),
        ({"bias": False}, True),
        ({"kernel_size": 1, "padding": 0}, False),
        ({"stride": 2}, False),
        ({"padding": 0}, False),
        ({"dilation": 2}, False),
        ({"groups": 2}, False),
        ({"padding_mode": "reflect"}, False),
        ({"out_channels": FEWEST_CHANNELS - 1}, False),
    ],
)
def test_what_it_stands_for(options, suited):
    sizes = {"in_channels": FEWEST_CHANNELS, "out_channels": FEWEST_CHANNELS, "kernel_size": 3, "padding": 1}
    with torch.device("meta"):
        assert suits(nn.Conv2d(**{**sizes, **options})) is suited


def test_an_activation_is_kept_and_a_normalisation_left_alone():
    channels = FEWEST_CHANNELS
    network = nn.Sequential(
        Conv2d(channels, channels, 3, padding=1, activation=nn.ReLU()),
        Conv2d(channels, channels, 3, padding=1, norm=nn.BatchNorm2d(channels)),
        nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1)),
    ).eval()
    image = torch.randn(1, channels, 9, 10)
    with torch.inference_mode():
        expected = network(image)
        use_winograd(network)
        found = network(image)
    kinds = [type(module) for module in (network[0], network[1], network[2][0])]
    assert kinds == [WinogradConv2d, Conv2d, WinogradConv2d]
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)
