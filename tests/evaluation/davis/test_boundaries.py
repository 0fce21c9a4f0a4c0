import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uvis_core.evaluation.davis.boundaries import Boundary, boundary_f, boundary_points, tolerance_px


def square(row, column, side=2, size=10):
    mask = np.zeros((size, size), dtype=bool)
    mask[row : row + side, column : column + side] = True
    return mask


@pytest.mark.parametrize(
    ("height", "width", "pixels"), [(480, 854, 8), (720, 1280, 12), (3, 4, 1), (6, 8, 1)]
)
def test_tolerance_is_a_share_of_the_diagonal_rounded_up(height, width, pixels):
    assert tolerance_px(height, width) == pixels


def test_boundary_of_one_pixel_by_hand():
    # The pixel itself, and those whose right, lower or lower right neighbour it is.
    assert boundary_points(square(4, 5, side=1)).tolist() == [[3, 4], [3, 5], [4, 4], [4, 5]]


def test_the_edge_of_the_frame_is_no_boundary():
    assert len(boundary_points(np.ones((5, 5), dtype=bool))) == 0
    half = np.zeros((4, 4), dtype=bool)
    half[:, 2:] = True
    assert boundary_points(half).tolist() == [[row, 1] for row in range(4)]
    assert boundary_points(half.T).tolist() == [[1, column] for column in range(4)]


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), height=st.integers(1, 12), width=st.integers(1, 12))
def test_equals_looking_at_every_pixel(seed, height, width):
    mask = np.random.default_rng(seed).random((height, width)) < 0.3
    expected = []
    for row in range(height):
        for column in range(width):
            near = mask[row : row + 2, column : column + 2]
            if near.any() and not near.all():
                expected.append([row, column])
    assert boundary_points(mask).tolist() == expected


def test_shift_within_and_beyond_the_tolerance():
    truth = Boundary(square(4, 4))
    moved = Boundary(square(4, 6))
    assert boundary_f(moved, truth, 2) == 1.0
    assert 0.0 < boundary_f(moved, truth, 1) < 1.0
    assert boundary_f(Boundary(square(0, 0)), Boundary(square(8, 8)), 1) == 0.0


def test_distance_is_round_and_includes_its_value():
    # Boundary points (3, 3), (3, 4), (4, 3), (4, 4); the nearest of the other is (6, 7), from (3, 3) exactly
    # 5 away.
    one, other = Boundary(square(4, 4, side=1, size=30)), Boundary(square(7, 8, side=1, size=30))
    assert one.share_near(other, 5) == 1.0
    # (4, 4) is within 4 of it, by 2 down and 3 right; (3, 4) is not, by 3 and 3.
    assert one.share_near(other, 4) == 0.25


def test_empty_masks():
    nothing, something = Boundary(np.zeros((10, 10), dtype=bool)), Boundary(square(2, 2))
    assert boundary_f(nothing, nothing, 1) == 1.0
    assert boundary_f(nothing, something, 1) == 0.0
    assert boundary_f(something, nothing, 1) == 0.0
