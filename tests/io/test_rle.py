from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from uvis_core.io.errors import UserError
from uvis_core.io.rle import compressed, decode_masks, encode_masks, mask_areas, mask_boxes, to_coco


@given(arrays(bool, array_shapes(min_dims=3, max_dims=3, max_side=9)))
def test_masks_survive_encoding(masks: np.ndarray) -> None:
    _, height, width = masks.shape
    counts = encode_masks(masks)
    assert all(isinstance(text, str) for text in counts)
    decoded = decode_masks(counts, height, width)
    assert decoded.dtype == bool
    np.testing.assert_array_equal(decoded, masks)
    np.testing.assert_array_equal(mask_areas(counts, height, width), masks.sum(axis=(1, 2)))


@given(st.integers(0, 5), st.integers(0, 5), st.integers(1, 4), st.integers(1, 4))
def test_box_of_a_rectangle_is_the_rectangle(x: int, y: int, width: int, height: int) -> None:
    mask = np.zeros((1, 12, 12), dtype=bool)
    mask[0, y : y + height, x : x + width] = True
    np.testing.assert_array_equal(mask_boxes(encode_masks(mask), 12, 12), [[x, y, x + width, y + height]])


def test_no_masks_keep_their_shapes() -> None:
    assert encode_masks(np.zeros((0, 4, 5), dtype=bool)) == []
    assert decode_masks([], 4, 5).shape == (0, 4, 5)
    assert mask_areas([], 4, 5).shape == (0,)
    assert mask_boxes([], 4, 5).shape == (0, 4)


def test_runs_go_down_the_columns() -> None:
    mask = np.array([[[0, 1], [0, 1]]], dtype=bool)
    assert to_coco(encode_masks(mask)[0], 2, 2) == {"size": [2, 2], "counts": b"22"}


def test_a_flat_array_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(N, H, W\)"):
        encode_masks(np.zeros((4, 4), dtype=bool))


def test_counts_of_another_size_are_refused() -> None:
    counts = encode_masks(np.ones((1, 4, 4), dtype=bool))
    with pytest.raises(UserError, match="3 x 3"):
        decode_masks(counts, 3, 3)


def test_areas_of_more_masks_than_one_library_call_takes():
    masks = np.zeros((600, 4, 4), dtype=bool)
    masks[np.arange(600), 0, np.arange(600) % 4] = True
    assert mask_areas(encode_masks(masks), 4, 4).tolist() == [1] * 600


@pytest.mark.parametrize(
    "segmentation",
    [
        [],
        [[0, 0, 1, 0, 1, 1, 0]],
        [[float("-inf"), 2.2e16, -3.7e173, -2.0, -0.3, -1e-7]],
        [[0, 0, 1e12, 0, 1e12, 1]],
        {"size": [4, 6], "counts": {}},
        {"size": [4, 6], "counts": [2**70]},
    ],
    ids=["none", "half a point", "infinite", "far away", "no counts", "huge"],
)
def test_what_the_compiled_code_would_not_survive_is_refused(segmentation: Any) -> None:
    with pytest.raises((ValueError, TypeError, OverflowError)):
        compressed(segmentation, 4, 6)
