"""Which of a video's frames are taken, decided while they stream past."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def sample(
    frames: Iterable[tuple[float, Item]], stride: int | None, fps: float | None
) -> Iterator[tuple[float, Item]]:
    """Thin out a stream of (timestamp in seconds, frame) by stride, or by rate, or not at all."""
    if fps is not None:
        return sample_by_rate(frames, fps)
    return islice(frames, 0, None, stride or 1)


def sample_by_rate(frames: Iterable[tuple[float, Item]], fps: float) -> Iterator[tuple[float, Item]]:
    """Take the frame nearest to each multiple of 1/fps after the first frame; none twice, in order.

    Seen from the frames: each owns the time from the middle between it and its predecessor to the middle
    between it and its successor, and is taken when a multiple falls there; a multiple on a middle goes to the
    earlier frame. The last frame owns as much after it as before it. Holds two frames at a time.

    Args:
        frames: Timestamps in seconds, ascending, with their frames.
        fps: Frames wanted per second.
    """
    tick = 0
    previous: tuple[float, Item] | None = None
    origin = before = 0.0
    for current in frames:
        if previous is None:
            origin = before = current[0]
        else:
            until = (previous[0] + current[0]) / 2 - origin
            if tick / fps <= until:
                yield previous
                # Most of the way at once: a timestamp may be thousands of years away.
                tick = max(tick, int(until * fps) - 1)
                while tick / fps <= until:
                    tick += 1
            before = previous[0]
        previous = current
    if previous is not None and tick / fps <= previous[0] - origin + (previous[0] - before) / 2:
        yield previous
