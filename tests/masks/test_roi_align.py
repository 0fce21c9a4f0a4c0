import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torchvision.ops import roi_align as plain

from uvis_core.masks.roi_align import roi_align

HEIGHT, WIDTH, SCALE = 20, 28, 0.25


def features(seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randn(2, 5, HEIGHT, WIDTH, generator=generator)
    return drawn.to(memory_format=torch.channels_last)


def assert_equals_torchvisions(boxes: Tensor, output_size: tuple[int, int] = (7, 7)) -> None:
    wanted = plain(features(), boxes, output_size, SCALE, 0, aligned=True)
    torch.testing.assert_close(roi_align(features(), boxes, output_size, SCALE), wanted, rtol=1e-5, atol=1e-5)


SIDE = st.floats(-60, 200, width=32, allow_nan=False)
BOX = st.tuples(st.sampled_from([0.0, 1.0]), SIDE, SIDE, SIDE, SIDE)


@given(boxes=st.lists(BOX, min_size=1, max_size=6), size=st.sampled_from([(7, 7), (14, 14), (3, 5)]))
def test_equals_torchvisions_for_boxes_anywhere(
    boxes: list[tuple[float, ...]], size: tuple[int, int]
) -> None:
    ordered = [(image, min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)) for image, x0, y0, x1, y1 in boxes]
    assert_equals_torchvisions(torch.tensor(ordered), size)


@pytest.mark.parametrize(
    "box",
    [
        (0, 0, 0, WIDTH / SCALE, HEIGHT / SCALE),
        (1, 10, 10, 10, 10),
        (0, 10, 12, 90, 12),
        (0, -400, -400, -300, -300),
        (1, 500, 500, 900, 900),
        (0, -1000, 3, 1000, 5),
    ],
    ids=["the whole", "a point", "a line", "before", "behind", "beyond both sides"],
)
def test_boxes_at_the_edges_of_sense(box: tuple[float, ...]) -> None:
    assert_equals_torchvisions(torch.tensor([box], dtype=torch.float32))


def test_no_box_gives_nothing() -> None:
    assert roi_align(features(), torch.zeros(0, 5), (7, 7), SCALE).shape == (0, 5, 7, 7)
