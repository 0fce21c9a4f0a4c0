import numpy as np
import pytest
import torch

from uvis_core.io.images import PIXEL_MEAN, PIXEL_STD
from uvis_core.model.images import (
    batch_images,
    padded_size,
    resize_frame,
    resized_size,
)


@pytest.mark.parametrize(
    ("size", "short_side", "expected"),
    [
        ((720, 1280), 360, (360, 640)),
        ((1280, 720), 360, (640, 360)),
        ((100, 33), 33, (100, 33)),
        ((3, 5), 32, (32, 53)),
    ],
)
def test_short_side_keeps_the_aspect(size, short_side, expected):
    assert resized_size(*size, short_side) == expected


def test_frame_of_the_right_size_is_not_touched():
    frame = np.zeros((32, 40, 3), dtype=np.uint8)
    assert resize_frame(frame, 32) is frame
    assert resize_frame(frame, 64).shape == (64, 80, 3)


def test_padding_holds_every_image():
    assert padded_size([(33, 10), (5, 64)]) == (64, 64)
    assert padded_size([(32, 32)]) == (32, 32)


def test_batch_is_normalised_and_padded_with_the_mean_colour():
    bright = torch.full((3, 2, 3), 255, dtype=torch.uint8)
    batch = batch_images([bright, torch.zeros((3, 1, 1), dtype=torch.uint8)], torch.device("cpu"))
    assert batch.shape == (2, 3, 32, 32)
    assert batch[0, 0, 1, 2].item() == pytest.approx((255 - PIXEL_MEAN[0]) / PIXEL_STD[0])
    assert batch[1, 2, 0, 0].item() == pytest.approx(-PIXEL_MEAN[2] / PIXEL_STD[2])
    assert batch[0, :, 2:].abs().max() == 0
    assert batch[1, :, 1:].abs().max() == 0


def test_batch_can_be_padded_further():
    image = torch.zeros((3, 8, 8), dtype=torch.uint8)
    assert batch_images([image], torch.device("cpu"), (64, 96)).shape == (1, 3, 64, 96)
