import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uvis_core.drawing.pictures import (
    MARK,
    MARK_RIM,
    PALETTE,
    draw_mark,
    draw_masks,
    resize_image,
    resize_masks,
    tag_position,
)

RED = np.array([[255, 0, 0]], dtype=np.uint8)


def block(rows, columns, shape=(40, 60)):
    mask = np.zeros(shape, dtype=bool)
    mask[rows, columns] = True
    return mask


def test_fill_mixes_colour_and_frame_inside_the_contour():
    image = np.full((40, 60, 3), 100, dtype=np.uint8)
    mask = block(slice(10, 31), slice(20, 41))
    drawn = draw_masks(image, mask[None], RED, [""], fill=0.4)
    # 100 + 0.4 * (255 - 100) = 162 and 100 + 0.4 * (0 - 100) = 60.
    assert drawn[20, 30].tolist() == [162, 60, 60]
    assert drawn[10, 30].tolist() == pytest.approx([255, 0, 0], abs=40)
    assert drawn[5, 5].tolist() == [100, 100, 100]
    assert (image == 100).all()


def test_small_masks_lie_above_large_ones():
    image = np.zeros((40, 60, 3), dtype=np.uint8)
    masks = np.stack([block(slice(18, 23), slice(28, 33)), block(slice(5, 35), slice(5, 55))])
    colours = np.array([[0, 0, 255], [255, 0, 0]], dtype=np.uint8)
    drawn = draw_masks(image, masks, colours, ["", ""], fill=1.0)
    assert drawn[20, 30].tolist() == [0, 0, 255]
    assert drawn[10, 10].tolist() == [255, 0, 0]


def test_holes_keep_the_frame_and_get_a_contour():
    image = np.zeros((40, 60, 3), dtype=np.uint8)
    mask = block(slice(5, 35), slice(5, 35)) & ~block(slice(13, 27), slice(13, 27))
    drawn = draw_masks(image, mask[None], RED, [""], fill=0.2)
    assert drawn[20, 20].tolist() == [0, 0, 0]
    assert drawn[12, 20].tolist() == pytest.approx([255, 0, 0], abs=40)


def test_a_tag_is_written_above_the_mask():
    image = np.zeros((120, 160, 3), dtype=np.uint8)
    mask = block(slice(60, 100), slice(60, 100), (120, 160))
    plain = draw_masks(image, mask[None], RED, [""])
    tagged = draw_masks(image, mask[None], RED, ["star"])
    changed = np.flatnonzero((plain != tagged).any(axis=(1, 2)))
    assert len(changed) > 5
    assert changed.max() < 60


def test_nothing_to_draw_gives_the_frame_back():
    image = np.arange(40 * 60 * 3, dtype=np.uint32).astype(np.uint8).reshape(40, 60, 3)
    empty = np.zeros((1, 40, 60), dtype=bool)
    assert (draw_masks(image, empty[:0], RED[:0], []) == image).all()
    assert (draw_masks(image, empty, RED, ["gone"]) == image).all()


@pytest.mark.parametrize(
    ("masks", "colours", "texts"),
    [
        (np.zeros((1, 40, 59), dtype=bool), RED, ["a"]),
        (np.zeros((1, 40, 60), dtype=bool), RED[:0], ["a"]),
        (np.zeros((1, 40, 60), dtype=bool), RED, []),
    ],
)
def test_shapes_that_do_not_fit_are_refused(masks, colours, texts):
    with pytest.raises(ValueError, match="image"):
        draw_masks(np.zeros((40, 60, 3), dtype=np.uint8), masks, colours, texts)


def test_tags_stay_inside_the_frame_and_apart():
    first = tag_position((0, 0, 20, 20), (30, 10), (60, 40), [])
    second = tag_position((0, 0, 20, 20), (30, 10), (60, 40), [first])
    assert first == (0, 0, 30, 10)
    assert second == (0, 10, 30, 20)


def test_tags_go_upwards_where_there_is_no_room_below():
    taken = [(0, 20, 30, 40)]
    assert tag_position((0, 38, 20, 40), (30, 10), (60, 40), taken) == (0, 10, 30, 20)


@given(st.tuples(*[st.integers(0, 100)] * 2), st.tuples(st.integers(1, 40), st.integers(1, 15)))
def test_tags_never_leave_the_frame(corner, size):
    box = (corner[0], corner[1], corner[0] + 10, corner[1] + 10)
    left, top, right, bottom = tag_position(box, size, (110, 110), [])
    assert 0 <= left < right <= 110
    assert 0 <= top < bottom <= 110


def test_every_colour_carries_dark_text():
    linear = np.where(PALETTE <= 10, PALETTE / 3294, ((PALETTE / 255 + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    # WCAG 2: contrast of at least 4.5 against almost black.
    assert ((luminance + 0.05) / (0.005 + 0.05)).min() >= 4.5


def test_resizing_masks_keeps_their_place():
    mask = block(slice(10, 20), slice(20, 40))
    larger = resize_masks(mask[None], 80, 120)[0]
    assert larger[20:40, 40:80].mean() > 0.95
    assert larger.sum() == pytest.approx(4 * mask.sum(), rel=0.05)
    assert resize_masks(mask[None][:0], 80, 120).shape == (0, 80, 120)


@pytest.mark.parametrize("size", [(20, 30), (40, 60), (80, 120)])
def test_resizing_images_keeps_a_plain_colour(size):
    image = np.full((40, 60, 3), 77, dtype=np.uint8)
    resized = resize_image(image, *size)
    assert resized.shape == (*size, 3)
    assert (resized == 77).all()


def test_a_mark_is_a_box_around_its_object():
    image = np.full((120, 220, 3), 100, dtype=np.uint8)
    drawn = draw_mark(image, (100.0, 40.0, 140.0, 60.0), "")
    # Lines of two pixels, four pixels outside the object, and a rim of one pixel outside them.
    assert [tuple(drawn[row, 120]) for row in (35, 36, 37, 38)] == [MARK_RIM, MARK, MARK, MARK_RIM]
    assert tuple(drawn[50, 96]) == MARK
    assert (drawn[40:60, 100:140] == 100).all()
    assert (image == 100).all()


@given(
    st.tuples(st.integers(0, 60), st.integers(0, 40)),
    st.tuples(st.integers(1, 60), st.integers(1, 40)),
    st.text(max_size=12),
)
def test_marks_stay_in_the_frame(corner, size, text):
    image = np.zeros((40, 60, 3), dtype=np.uint8)
    box = (*corner, min(60, corner[0] + size[0]), min(40, corner[1] + size[1]))
    assert draw_mark(image, box, text).shape == image.shape
