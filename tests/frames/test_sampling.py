import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uvis_core.frames.sampling import sample, sample_by_rate

TIMES = st.lists(st.integers(1, 400), min_size=0, max_size=40).map(
    lambda gaps: [sum(gaps[: index + 1]) / 1000 for index in range(len(gaps))]
)


def taken(times: list[float], fps: float) -> list[int]:
    return [index for _, index in sample_by_rate(zip(times, range(len(times)), strict=True), fps)]


@pytest.mark.parametrize(
    ("times", "fps", "expected"),
    [
        ([0, 0.1, 0.2, 0.3, 0.4, 0.5], 5, [0, 2, 4]),
        ([0, 0.1, 0.2, 0.3, 0.4, 0.5], 10, [0, 1, 2, 3, 4, 5]),
        ([0, 0.1, 0.2], 100, [0, 1, 2]),
        ([0, 0.4, 0.6, 1.1, 1.9, 2.0], 1, [0, 3, 5]),
        ([7.0, 7.4, 7.6, 8.1], 2, [0, 1, 3]),
        ([0, 0.5, 1.0], 1, [0, 2]),
        ([3.5], 1, [0]),
        ([], 1, []),
    ],
    ids=["half", "all", "never twice", "variable", "late start", "a multiple at the end", "one", "none"],
)
def test_frames_nearest_to_the_multiples_are_taken(
    times: list[float], fps: float, expected: list[int]
) -> None:
    assert taken(times, fps) == expected


@given(TIMES, st.sampled_from([1.0, 3.0, 7.5, 30.0]))
def test_each_multiple_gets_its_nearest_frame(times: list[float], fps: float) -> None:
    found = taken(times, fps)
    if not times:
        assert found == []
        return
    for tick in range(math.floor((times[-1] - times[0]) * fps) + 1):
        target = times[0] + tick / fps
        nearest = min(abs(time - target) for time in times)
        assert any(abs(times[index] - target) <= nearest + 1e-9 for index in found)


@given(TIMES, st.floats(0.5, 60))
def test_frames_are_ascending_and_start_with_the_first(times: list[float], fps: float) -> None:
    found = taken(times, fps)
    assert found == sorted(set(found))
    assert found[:1] == list(range(len(times)))[:1]


@given(st.integers(1, 60), st.integers(1, 60))
def test_a_video_at_the_asked_rate_is_taken_whole(count: int, fps: int) -> None:
    assert taken([index / fps for index in range(count)], fps) == list(range(count))


@given(st.integers(0, 30), st.integers(1, 7))
def test_stride_takes_every_nth(count: int, stride: int) -> None:
    frames = [(float(index), index) for index in range(count)]
    assert list(sample(frames, stride, None)) == frames[::stride]
    assert list(sample(frames, None, None)) == frames


def test_frames_are_read_no_further_than_needed() -> None:
    """A long video must not pile up in memory: a frame comes out before the one after next goes in."""
    read = []

    def stream():
        for index in range(100):
            read.append(index)
            yield index / 10, index

    frames = sample_by_rate(stream(), 10)
    next(frames)
    assert len(read) == 2


def test_a_timestamp_far_away_costs_no_more_than_a_near_one() -> None:
    assert taken([0.0, 0.1, 2.0**60, 2.0**61], 30) == [0, 1, 2, 3]
