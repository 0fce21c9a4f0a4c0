import cv2
import numpy as np
import pytest
from pycocotools import mask as coco

from uvis_core.io.polygons import edge_outline, outline

HEIGHT, WIDTH = 30, 44


def shape(name: str) -> np.ndarray:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    disc = np.hypot(rows - 14, columns - 20) < 11
    hole = np.hypot(rows - 14, columns - 20) < 5
    other = np.hypot(rows - 12, columns - 20) < 2
    return {
        "disc": disc,
        "ring": disc & ~hole,
        "ring in a ring": (disc & ~hole) | other,
        "two holes": disc
        & ~(np.hypot(rows - 14, columns - 15) < 3)
        & ~(np.hypot(rows - 14, columns - 25) < 3),
        "dot": (rows == 3) & (columns == 5),
        "line": (rows == 3) & (columns > 5),
        "diagonal": rows == columns,
        "everything": rows >= 0,
        "notched": (columns < 40) & ~((rows > 20) & (columns > 2)) & ~((rows == 4) & (columns == 30)),
        "corner": (rows < 5) | (columns < 4),
    }[name]


WHOLE = ["disc", "ring", "two holes", "dot", "line", "diagonal", "everything", "corner", "notched"]


@pytest.mark.parametrize("name", WHOLE)
def test_filled_outlines_are_the_mask(name: str) -> None:
    mask = shape(name)
    drawn = np.zeros(mask.shape, np.uint8)
    cv2.fillPoly(drawn, [outline(mask).astype(np.int32)], 1)
    np.testing.assert_array_equal(drawn.astype(bool), mask)


def filled(polygon: np.ndarray) -> np.ndarray:
    """As COCO's tools fill a polygon."""
    runs = coco.frPyObjects([polygon.reshape(-1).tolist()], HEIGHT, WIDTH)
    return coco.decode(runs)[:, :, 0].astype(bool)


@pytest.mark.parametrize("name", [*WHOLE, "ring in a ring"])
def test_filled_edge_outlines_are_the_mask(name: str) -> None:
    np.testing.assert_array_equal(filled(edge_outline(shape(name))), shape(name))


@pytest.mark.parametrize("name", ["disc", "ring", "two holes", "ring in a ring"])
def test_a_tolerance_saves_points_and_costs_little(name: str) -> None:
    mask = shape(name)
    exact, simple = edge_outline(mask), edge_outline(mask, tolerance_px=0.75)
    assert len(simple) < 0.6 * len(exact)
    drawn = filled(simple)
    assert (drawn & mask).sum() / (drawn | mask).sum() > 0.9


def test_parts_of_one_mask_are_one_polygon() -> None:
    mask = shape("ring in a ring")
    drawn = np.zeros(mask.shape, np.uint8)
    cv2.fillPoly(drawn, [outline(mask).astype(np.int32)], 1)
    # The line that joins the inner part stays.
    assert (drawn.astype(bool) & mask).sum() == mask.sum()
    assert (drawn.astype(bool) & ~mask).sum() <= 5
