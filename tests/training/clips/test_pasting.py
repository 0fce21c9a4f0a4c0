import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.clips.painted import COLOURS, painted, repainted
from uvis_core.training.clips.augmentation import MaskedImage
from uvis_core.training.clips.draws import Placement
from uvis_core.training.clips.pasting import pasted

SIZE = (8, 8)
TOP, LEFT = painted(SIZE, [(0, 0, 4, 8)]), painted(SIZE, [(0, 0, 8, 4)], first=1)
NOTHING = painted(SIZE, [])
WHOLE = painted(SIZE, [(0, 0, 8, 8)], first=2)
SAME = Placement(1.0, (0.0, 0.0))


def test_pasted_objects_are_seen_and_hide_what_lies_beneath():
    found = pasted([TOP, TOP], painted(SIZE, [(2, 0, 6, 3)], first=1), [SAME, SAME], 0.5)
    for frame in found:
        assert (frame.masks[1] == painted(SIZE, [(2, 0, 6, 3)]).masks[0]).all()
        assert frame.masks[0].sum() == 32 - 6
        assert not frame.masks.all(0).any()
        assert (frame.pixels == repainted(frame.masks, range(2))).all()


def test_only_objects_are_pasted_not_what_lies_around_them():
    source = MaskedImage(np.full((*SIZE, 3), 77, np.uint8), painted(SIZE, [(6, 6, 8, 8)]).masks)
    (frame,) = pasted([TOP], source, [SAME], 0.5)
    assert ((frame.pixels == 77).all(-1) == frame.masks[1]).all()


@pytest.mark.parametrize("scale", [0.25, 0.5, 0.75])
def test_every_frame_starts_from_the_source_itself(scale):
    """The published code moves the mask of a frame once more for every frame before it, and the image not."""
    placements = [Placement(scale, (0.99, 0.99))] * 3
    found = pasted([NOTHING] * 3, WHOLE, placements, 0.5)
    side = round(8 * scale)
    for frame in found:
        assert frame.masks[0].sum() == side**2
        assert frame.masks[0, 8 - side :, 8 - side :].all()
        assert (frame.masks[0] == (frame.pixels == COLOURS[2]).all(-1)).all()


def test_without_an_object_in_the_target_every_frame_has_its_own_masks():
    """The published code gives all frames the masks of the last one."""
    placements = [Placement(0.5, offset) for offset in ((0.0, 0.0), (0.0, 0.99), (0.99, 0.0))]
    found = pasted([NOTHING] * 3, WHOLE, placements, 0.5)
    corners = [(0, 0, 4, 4), (0, 4, 4, 8), (4, 0, 8, 4)]
    for frame, corner in zip(found, corners, strict=True):
        assert frame.masks.shape == (1, *SIZE)
        assert (frame.masks == painted(SIZE, [corner]).masks).all()


def test_nothing_is_pasted_from_an_image_without_objects():
    assert pasted([TOP], NOTHING, [SAME], 0.5) is None


@pytest.mark.parametrize(("columns", "refused"), [(3, False), (4, True), (8, True)])
def test_an_object_that_would_be_half_covered_refuses_the_pasting(columns, refused):
    found = pasted([TOP, TOP], painted(SIZE, [(0, 0, 8, columns)], first=1), [SAME, SAME], 0.5)
    assert (found is None) == refused


def test_any_half_covered_object_refuses_it():
    target = painted(SIZE, [(0, 0, 8, 6), (0, 6, 1, 8)])
    assert pasted([target], painted(SIZE, [(0, 6, 2, 7)], first=2), [SAME], 0.5) is None


def test_each_pasted_object_is_asked_alone():
    halves = painted(SIZE, [(0, 0, 8, 3), (0, 5, 8, 8)], first=1)
    (frame,) = pasted([TOP], halves, [SAME], 0.5)
    assert frame.masks[0].sum() == 8


def test_only_the_first_frame_is_asked():
    to_the_right = Placement(0.5, (0.0, 0.99))
    to_the_left = Placement(0.5, (0.0, 0.0))
    assert pasted([LEFT, LEFT], WHOLE, [to_the_right, to_the_left], 0.5) is not None
    assert pasted([LEFT, LEFT], WHOLE, [to_the_left, to_the_right], 0.4) is None


def test_an_object_out_of_sight_in_the_first_frame_is_not_covered_there():
    gone = MaskedImage(NOTHING.pixels, np.zeros((1, *SIZE), bool))
    found = pasted([gone, TOP], WHOLE, [SAME, SAME], 0.5)
    assert [frame.masks[1].all() for frame in found] == [True, True]
    assert not found[1].masks[0].any()


def test_the_source_takes_the_size_and_aspect_of_each_frame():
    frames = [painted((8, 12), []), painted((4, 6), [])]
    source = painted((6, 3), [(0, 0, 6, 3)])
    found = pasted(frames, source, [Placement(0.5, (0.0, 0.0))] * 2, 0.5)
    assert found[0].masks[0].sum() == 4 * 6
    assert found[0].masks[0, :4, :6].all()
    assert found[1].masks[0].sum() == 2 * 3


@settings(deadline=None)
@given(st.integers(0, 2**32), st.lists(st.floats(0.1, 1), min_size=2, max_size=2))
def test_disjoint_masks_stay_disjoint_and_are_what_is_seen(seed, scales):
    random = np.random.default_rng(seed)
    target, source = (random.integers(-1, 3, SIZE) for _ in range(2))
    images = [np.stack([numbers == number for number in range(3)]) for numbers in (target, source)]
    below = MaskedImage(repainted(images[0], range(3)), images[0])
    # Flat objects of one colour each would be mixed at their edges: the source shows one colour everywhere.
    above = MaskedImage(np.full((*SIZE, 3), 250, np.uint8), images[1][images[1].any((1, 2))])
    placements = [Placement(scale, tuple(random.random(2))) for scale in scales]
    found = pasted([below, below], above, placements, 1.0)
    for frame in found or []:
        assert frame.masks.sum(0).max() <= 1
        assert ((frame.pixels == 250).all(-1) == frame.masks[3:].any(0)).all()
        kept = ~frame.masks[3:].any(0)
        assert (frame.masks[:3] == below.masks & kept).all()
        assert (frame.pixels[kept] == below.pixels[kept]).all()
