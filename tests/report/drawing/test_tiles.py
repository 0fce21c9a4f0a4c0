import base64
import io

import numpy as np
import pytest
from PIL import Image

from uvis_core.io.rle import encode_masks
from uvis_core.report.drawing.clips import FILM
from uvis_core.report.drawing.tiles import TILE_PX, draw_tile, tile_uri, window

RED = np.array([255, 0, 0], dtype=np.uint8)


def block(rows: slice, columns: slice, shape: tuple[int, int] = (100, 200)) -> np.ndarray:
    mask = np.zeros(shape, dtype=bool)
    mask[rows, columns] = True
    return mask


@pytest.mark.parametrize(
    ("rows", "columns", "expected"),
    [
        # A square of 20 pixels gets 7 around it; one at the border what there is.
        (slice(40, 60), slice(90, 110), (33, 67, 83, 117)),
        (slice(0, 20), slice(180, 200), (0, 27, 173, 200)),
        # A long object gets as much above and below as at its ends.
        (slice(49, 51), slice(60, 140), (21, 79, 32, 168)),
    ],
)
def test_a_window_holds_the_object_and_its_surroundings(
    rows: slice, columns: slice, expected: tuple[int, int, int, int]
) -> None:
    found = window(block(rows, columns))
    assert (found[0].start, found[0].stop, found[1].start, found[1].stop) == expected


def test_an_empty_mask_shows_its_frame() -> None:
    assert window(np.zeros((10, 20), dtype=bool)) == (slice(0, 10), slice(0, 20))


@pytest.mark.parametrize("scale", [1, 2])
def test_a_tile_shows_the_object_in_the_middle(scale: int) -> None:
    mask = block(slice(40, 60), slice(90, 110))
    image = np.full((100, 200, 3), 90, dtype=np.uint8)
    image[mask] = 200
    image = image.repeat(scale, axis=0).repeat(scale, axis=1)
    tile = draw_tile(image, encode_masks(mask[None])[0], (100, 200), RED)
    assert tile.shape == (TILE_PX, TILE_PX, 3)
    centre, corner = tile[TILE_PX // 2, TILE_PX // 2].astype(int), tile[2, 2]
    # A light red fill on what is bright, and the plain frame around it.
    assert centre[0] > centre[1] > 150
    assert corner.tolist() == [90, 90, 90]
    # Seven of 34 pixels lie left of the object, where its outline is.
    outline = tile[TILE_PX // 2, round(7 / 34 * TILE_PX) - 3 : round(7 / 34 * TILE_PX) + 4].astype(int)
    assert (outline[:, 0] - outline[:, 1]).max() > 100


def test_what_is_not_square_lies_on_dark() -> None:
    mask = block(slice(0, 10), slice(0, 200), (10, 200))
    tile = draw_tile(np.full((10, 200, 3), 90, dtype=np.uint8), encode_masks(mask[None])[0], (10, 200), RED)
    assert tuple(tile[0, 88]) == tuple(tile[-1, 88]) == FILM


def test_a_tile_is_a_picture_of_its_own() -> None:
    head, _, data = tile_uri(np.full((8, 8, 3), 90, dtype=np.uint8)).partition(",")
    assert head == "data:image/jpeg;base64"
    assert Image.open(io.BytesIO(base64.b64decode(data))).size == (8, 8)
