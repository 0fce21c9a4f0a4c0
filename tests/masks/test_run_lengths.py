import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from uvis_core.io.rle import encode_masks
from uvis_core.masks.run_lengths import area_px, compress_runs, run_lengths

# Columns are read downwards: outside first, then inside and outside in turn.
CASES = [
    ([[0, 0], [0, 0]], [4]),
    ([[1, 1], [1, 1]], [0, 4]),
    ([[0, 1], [0, 0]], [2, 1, 1]),
    ([[0, 1], [1, 0]], [1, 2, 1]),
    ([[0, 0], [1, 1]], [1, 1, 1, 1]),
]


@pytest.mark.parametrize(("mask", "expected"), CASES)
def test_runs_go_down_the_columns(mask, expected):
    runs = run_lengths(torch.tensor([mask], dtype=torch.bool))
    assert [lengths.tolist() for lengths in runs] == [expected]


def test_masks_of_one_frame_do_not_run_into_each_other():
    masks = torch.tensor([mask for mask, _ in CASES], dtype=torch.bool)
    assert [lengths.tolist() for lengths in run_lengths(masks)] == [expected for _, expected in CASES]


def test_no_mask_no_runs():
    assert run_lengths(torch.zeros(0, 3, 4, dtype=torch.bool)) == []
    assert compress_runs([], 3, 4) == []


@given(arrays(bool, array_shapes(min_dims=3, max_dims=3, max_side=9)))
def test_equal_to_encoding_the_pixels(masks):
    runs = run_lengths(torch.from_numpy(masks))
    assert compress_runs(runs, *masks.shape[1:]) == encode_masks(masks)
    assert [area_px(lengths) for lengths in runs] == masks.sum(axis=(1, 2)).tolist()


@given(st.integers(1, 2000), st.integers(1, 2000))
def test_long_runs_survive_compression(height, width):
    masks = np.ones((1, height, width), dtype=bool)
    assert compress_runs([np.array([0, height * width])], height, width) == encode_masks(masks[:, :, :])
