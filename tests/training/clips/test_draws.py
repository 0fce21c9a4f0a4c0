import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uvis_core.config.clips import ClipSettings
from uvis_core.training.clips.draws import View, clip_size, draw_placement, draw_view

PUBLISHED = ClipSettings()


def views(size, count=300, clip=PUBLISHED):
    random = np.random.default_rng(1)
    return [draw_view(random, size, clip) for _ in range(count)]


def spread(values):
    return min(values), max(values)


def test_views_fill_the_published_ranges():
    drawn = views((480, 853))
    for values, (low, high) in (
        ([view.brightness for view in drawn], (0.9, 1.1)),
        ([view.contrast for view in drawn], (0.9, 1.1)),
        ([view.angle_deg for view in drawn], (-15, 15)),
        ([view.centre[0] for view in drawn], (0.4, 0.6)),
        ([view.centre[1] for view in drawn], (0.4, 0.6)),
    ):
        least, most = spread(values)
        share = (high - low) / 20
        assert low <= least < low + share
        assert high - share < most <= high


def test_only_a_side_that_is_longer_is_cropped():
    drawn = views((480, 853))
    assert {view.window[0] for view in drawn} == {0}
    assert {view.window[2] for view in drawn} == {480}
    least, most = spread([view.window[3] for view in drawn])
    assert 600 <= least < 606
    assert 714 < most <= 720
    assert {view.window for view in views((360, 599))} == {(0, 0, 360, 599)}


def test_a_side_within_the_range_of_the_crop_is_cropped_to_no_more_than_itself():
    drawn = views((650, 700))
    assert spread([view.window[2] for view in drawn]) == (600, 650)
    assert spread([view.window[3] for view in drawn]) == (600, 700)


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**32))
def test_a_window_lies_in_its_image(height, width, seed):
    wanted = ClipSettings(crop_px=(32, 40))
    view = draw_view(np.random.default_rng(seed), (height, width), wanted)
    top, left, rows, columns = view.window
    assert 0 <= top <= top + rows <= height
    assert 0 <= left <= left + columns <= width
    assert min(height, 32) <= rows <= min(height, 40)


def test_both_ends_of_a_crop_are_reached():
    wanted = ClipSettings(crop_px=(32, 32))
    assert spread([view.window[1] for view in views((32, 36), clip=wanted)]) == (0, 4)


def test_placements_fill_the_published_ranges():
    random = np.random.default_rng(1)
    drawn = [draw_placement(random, PUBLISHED) for _ in range(300)]
    least, most = spread([placement.scale for placement in drawn])
    assert 0.8 <= least < 0.81
    assert 0.99 < most <= 1
    assert spread([round(placement.offset[0], 1) for placement in drawn]) == (0, 1)
    assert spread([round(placement.offset[1], 1) for placement in drawn]) == (0, 1)
    assert drawn[0].offset[0] != drawn[0].offset[1]


def test_a_clip_holds_its_largest_frames():
    frames = [View(1, 1, 0, (0.5, 0.5), (0, 0, *size)) for size in ((480, 600), (480, 720), (470, 610))]
    assert clip_size(frames) == (480, 720)


@pytest.mark.parametrize("frames", [2, 3])
def test_published_lengths_are_allowed(frames):
    assert ClipSettings(frames=frames).frames == frames
