import numpy as np
import pytest

from uvis_core.toy.render import render_frame
from uvis_core.toy.scene import CAMERA_REACH_PX, Scene, Thing

SQUARE = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
RED, BLUE = (200, 0, 0), (0, 0, 200)


def square(centre, half, colour, angle=0.0, hole=0.0):
    return Thing(
        kind=0,
        polygons=[SQUARE / np.sqrt(2)] + ([SQUARE / np.sqrt(2) * hole] if hole else []),
        texture=np.broadcast_to(np.array(colour, np.float32), (8, 8, 3)).copy(),
        centres_px=np.array([centre], float),
        radii_px=np.array([half * np.sqrt(2)]),
        angles=np.array([angle]),
    )


def scene(*things, camera=(0.0, 0.0), height=12, width=16):
    margin = 2 * CAMERA_REACH_PX
    background = np.full((height + margin, width + margin, 3), 100, np.float32)
    background[:, width // 2 + CAMERA_REACH_PX :] = 50
    return Scene(
        height, width, background, np.array([camera]), list(things), blur_px=0.05, noise=0.0, noise_seed=0
    )


def box(top, bottom, left, right, height=12, width=16):
    mask = np.zeros((height, width), bool)
    mask[top:bottom, left:right] = True
    return mask


def test_the_nearer_square_hides_the_farther_one():
    # Corners on pixel corners: x 2-8, y 2-8 behind x 5-11, y 4-10.
    frame = render_frame(scene(square((5, 5), 3, RED), square((8, 7), 3, BLUE)), 0)
    front = box(4, 10, 5, 11)
    behind = box(2, 8, 2, 8) & ~front
    np.testing.assert_array_equal(frame.masks, [behind, front])
    assert frame.whole_px.tolist() == [36, 36]
    assert (frame.image[front] == BLUE).all()
    assert (frame.image[behind] == RED).all()
    assert (frame.image[0, 0] == 100).all()
    assert frame.image.dtype == np.uint8


def test_through_a_hole_one_sees_what_is_behind():
    frame = render_frame(scene(square((6, 6), 1, RED), square((6, 6), 4, BLUE, hole=0.5)), 0)
    np.testing.assert_array_equal(frame.masks[0], box(5, 7, 5, 7))
    np.testing.assert_array_equal(frame.masks[1], box(2, 10, 2, 10) & ~box(4, 8, 4, 8))


def test_half_covered_pixels_are_mixed_and_belong_to_the_thing():
    frame = render_frame(scene(square((5.5, 5), 3, BLUE)), 0)
    np.testing.assert_array_equal(frame.masks[0], box(2, 8, 2, 9))
    np.testing.assert_allclose(frame.image[4, 2], [50, 50, 150], atol=1)


def test_a_quarter_turn_changes_nothing_on_a_square():
    frame = render_frame(scene(square((5, 5), 3, RED, angle=np.pi / 2)), 0)
    np.testing.assert_array_equal(frame.masks[0], box(2, 8, 2, 8))


def test_the_camera_moves_things_and_background_alike():
    frame = render_frame(scene(square((5, 5), 2, RED), camera=(2.0, -1.0)), 0)
    np.testing.assert_array_equal(frame.masks[0], box(4, 8, 1, 5))
    assert frame.image[0, :, 0].tolist() == [100] * 6 + [50] * 10


@pytest.mark.parametrize(
    ("centre", "visible"),
    [((0, 5), box(2, 8, 0, 3)), ((16, 12), box(9, 12, 13, 16)), ((-4, 5), box(0, 0, 0, 0))],
)
def test_the_border_cuts(centre, visible):
    frame = render_frame(scene(square(centre, 3, RED)), 0)
    np.testing.assert_array_equal(frame.masks[0], visible)
    assert frame.whole_px[0] == visible.sum()


def test_a_scene_without_things():
    frame = render_frame(scene(), 0)
    assert frame.masks.shape == (0, 12, 16)
    assert frame.whole_px.shape == (0,)
