import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.clips.painted import assert_moved_together, painted
from uvis_core.training.clips.augmentation import MaskedImage, limited_size, mirrored, scaled, seen
from uvis_core.training.clips.draws import View

SIZE = (8, 8)
TWO = painted(SIZE, [(0, 0, 4, 3), (5, 4, 8, 8)])


def view(angle=0.0, window=(0, 0, *SIZE), brightness=1.0, contrast=1.0, centre=(0.5, 0.5)):
    return View(brightness, contrast, angle, centre, window)


def test_an_unchanged_view_shows_the_image():
    found = seen(TWO, view())
    assert (found.pixels == TWO.pixels).all()
    assert (found.masks == TWO.masks).all()


@pytest.mark.parametrize(("angle", "turns"), [(90, 1), (-90, 3), (180, 2)])
def test_image_and_masks_turn_counter_clockwise_together(angle, turns):
    found = seen(TWO, view(angle))
    assert (found.pixels == np.rot90(TWO.pixels, turns)).all()
    assert (found.masks == np.rot90(TWO.masks, turns, axes=(1, 2))).all()


def test_a_rotation_keeps_its_centre():
    one = painted(SIZE, [(2, 6, 3, 7)])  # its centre is at x 6.5, y 2.5
    found = seen(one, view(90, centre=(6.5 / 8, 2.5 / 8)))
    assert (found.masks == one.masks).all()
    assert (found.pixels == one.pixels).all()


def test_what_is_turned_in_is_black_and_no_object():
    found = seen(MaskedImage(np.full((*SIZE, 3), 255, np.uint8), np.ones((1, *SIZE), bool)), view(45))
    for row in (0, 7):
        for column in (0, 7):
            assert (found.pixels[row, column] == 0).all()
            assert not found.masks[0, row, column]
    assert found.masks[0, 2:6, 2:6].all()


def test_image_and_masks_are_cropped_together():
    found = seen(TWO, view(window=(3, 1, 4, 6)))
    assert found.size == (4, 6)
    assert (found.pixels == TWO.pixels[3:7, 1:7]).all()
    assert (found.masks == TWO.masks[:, 3:7, 1:7]).all()


def test_brightness_scales_and_contrast_spreads_about_the_mean():
    half = MaskedImage(np.full((*SIZE, 3), 100, np.uint8), np.zeros((0, *SIZE), bool))
    half.pixels[:, 4:] = 140
    assert set(seen(half, view(brightness=1.1)).pixels[0, :, 0].tolist()) == {110, 154}
    assert set(seen(half, view(contrast=1.1)).pixels[0, :, 0].tolist()) == {98, 142}
    assert (seen(half, view(brightness=1.1)).masks == half.masks).all()


def test_colours_end_at_white():
    white = MaskedImage(np.full((*SIZE, 3), 250, np.uint8), np.zeros((0, *SIZE), bool))
    assert (seen(white, view(brightness=1.1)).pixels == 255).all()


@pytest.mark.parametrize("count", [0, 1, 8, 9, 20])
def test_any_number_of_masks_is_turned(count):
    masks = np.random.default_rng(count).random((count, *SIZE)) < 0.5
    found = seen(MaskedImage(TWO.pixels, masks), view(90))
    assert found.masks.dtype == bool
    assert (found.masks == np.rot90(masks, axes=(1, 2))).all()


@settings(deadline=None)
@given(
    st.floats(-180, 180),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
    st.integers(0, 20),
    st.integers(0, 20),
)
def test_image_and_masks_move_together(angle, centre, top, left):
    boxes = [(2, 3, 12, 14), (12, 14, 30, 36), (20, 0, 30, 14)]
    image = painted((32, 40), boxes)
    found = seen(image, view(angle, (top, left, 32 - top, 40 - left), centre=centre))
    assert_moved_together(found.pixels, found.masks, range(3))
    assert found.masks.sum(0).max() <= 1


def test_images_are_mirrored_with_their_masks():
    found = mirrored(TWO)
    assert (found.pixels == TWO.pixels[:, ::-1]).all()
    assert (found.masks == TWO.masks[:, :, ::-1]).all()


def test_images_are_scaled_with_their_masks():
    found = scaled(TWO, (16, 24))
    assert found.size == (16, 24)
    assert (found.masks == TWO.masks.repeat(2, 1).repeat(3, 2)).all()
    assert (found.pixels[:6, :6] == TWO.pixels[0, 0]).all()
    assert scaled(TWO, SIZE) is TWO
    none = scaled(MaskedImage(TWO.pixels, TWO.masks[:0]), (16, 24))
    assert none.masks.shape == (0, 16, 24)


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ((480, 640), (360, 480)),
        ((640, 480), (480, 360)),
        ((100, 370), (360, 1332)),
        ((100, 371), (359, 1333)),
        ((1000, 10_000), (133, 1333)),
        ((1, 5000), (1, 1333)),
    ],
)
def test_the_longer_side_is_limited(size, wanted):
    assert limited_size(*size, 360, 1333) == wanted
