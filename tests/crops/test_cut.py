import numpy as np
import pytest

from uvis_core.crops.cut import crop_window, cut_crop

FILL = (9, 8, 7)


@pytest.mark.parametrize(
    ("box", "margin", "expected"),
    [
        ((2, 3, 6, 9), 0.0, (2, 3, 6, 9)),
        ((2.4, 3.6, 5.2, 8.1), 0.0, (2, 3, 6, 9)),  # touched pixels count whole
        ((4, 4, 8, 6), 0.5, (2, 3, 10, 7)),  # half of 4 wide, half of 2 high
        ((0, 0, 10, 10), 1.0, (0, 0, 20, 10)),  # held inside the frame
        ((5, 5, 5, 5), 0.0, (5, 5, 6, 6)),  # never empty
        ((30, 30, 40, 40), 0.0, (19, 9, 20, 10)),
    ],
)
def test_window(box, margin, expected):
    assert crop_window(np.array(box), margin, height=10, width=20) == expected


def cut(image, box, mask=None, **options):
    values = {"margin": 0.0, "background": "keep", "square_padding": False, "fill_rgb": FILL, **options}
    return np.asarray(cut_crop(image, np.array(box), mask, **values))


@pytest.fixture
def image():
    return np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)


def test_keeps_the_pixels_of_the_box(image):
    np.testing.assert_array_equal(cut(image, (1, 2, 4, 6)), image[2:6, 1:4])


def test_square_padding_centres(image):
    crop = cut(image, (1, 2, 5, 4), square_padding=True)
    assert crop.shape == (4, 4, 3)
    np.testing.assert_array_equal(crop[1:3], image[2:4, 1:5])
    assert (crop[0] == FILL).all()
    assert (crop[3] == FILL).all()


def test_mean_background_fills_outside_the_mask(image):
    mask = np.zeros((6, 8), dtype=bool)
    mask[3, 2] = True
    crop = cut(image, (1, 2, 4, 5), mask, background="mean")
    np.testing.assert_array_equal(crop[1, 1], image[3, 2])
    crop = crop.copy()
    crop[1, 1] = FILL
    assert (crop == FILL).all()


def test_blur_keeps_the_mask_sharp():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (40, 40, 3), dtype=np.uint8)
    mask = np.zeros((40, 40), dtype=bool)
    mask[10:20, 10:20] = True
    crop = cut(image, (0, 0, 40, 40), mask, background="blur")
    np.testing.assert_array_equal(crop[mask], image[mask])
    assert crop[~mask].std() < 0.5 * image[~mask].std()


def test_background_needs_a_mask(image):
    with pytest.raises(ValueError, match="needs the mask"):
        cut(image, (0, 0, 2, 2), background="mean")
