"""Masks of one object through a video as one tube."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from uvis_core.io.rle import compressed
from uvis_core.io.runs import Runs, WrongRuns, decode_runs

TOGETHER_BYTES = 1 << 17
"""Run lengths decoded at a time, bytes: many calls are slow, and so are arrays that no cache holds."""


@dataclass(frozen=True)
class Tube:
    """One object's masks in the M frames of a video that show it.

    Attributes:
        height_px: Height of the frames.
        width_px: Width of the frames.
        counts: Compressed run lengths by frame index, ascending.
        areas_px: Foreground pixels by frame index, likewise.
        runs: The masks decoded, where they are kept.
    """

    height_px: int
    width_px: int
    counts: Mapping[int, bytes]
    areas_px: Mapping[int, int]
    runs: Runs | None = field(default=None, repr=False, compare=False)

    @property
    def mean_area_px(self) -> float:
        """Mean area over the masks that are not empty, 0.0 where all are."""
        filled = sum(area > 0 for area in self.areas_px.values())
        return sum(self.areas_px.values()) / filled if filled else 0.0

    @cached_property
    def size_bytes(self) -> int:
        """Bytes that the run lengths take, decoded ones among them."""
        decoded = self.runs.ends.nbytes if self.runs is not None else 0
        return sum(map(len, self.counts.values())) + decoded

    def mask(self, frame: int) -> dict[str, Any] | None:
        """The mask of one frame in the form that pycocotools takes, None where there is none."""
        counts = self.counts.get(frame)
        return None if counts is None else {"size": [self.height_px, self.width_px], "counts": counts}

    def areas_by_frame(self, frames: int) -> np.ndarray:
        """Foreground pixels of each of the video's first T frames, int64 of shape (T,)."""
        areas = np.zeros(frames, dtype=np.int64)
        areas[list(self.areas_px)] = list(self.areas_px.values())
        return areas


class WrongTube(ValueError):
    """A mask that is damaged or has another size than its video; ``place`` counts the tubes that were built."""

    def __init__(self, message: str, place: int) -> None:
        super().__init__(message)
        self.place = place


def build_tube(counts: Mapping[int, bytes], height_px: int, width_px: int) -> Tube:
    """Gather the masks of one object.

    Args:
        counts: Compressed run lengths by frame index, in any order.
        height_px: Height of the frames.
        width_px: Width of the frames.

    Raises:
        WrongTube: As ``build_tubes``.
    """
    return build_tubes([counts], [(height_px, width_px)])[0]


def build_tubes(counts: Sequence[Mapping[int, bytes]], sizes_px: Sequence[tuple[int, int]]) -> list[Tube]:
    """Gather the masks of N objects.

    Args:
        counts: Compressed run lengths of each by frame index, in any order.
        sizes_px: Height and width of the frames of each.

    Raises:
        WrongTube: A mask is damaged or has another size than the frames; names the frame, of the first such object.
    """
    return list(iterate_tubes(counts, sizes_px, keep_runs=False))


def iterate_tubes(
    counts: Sequence[Mapping[int, bytes]], sizes_px: Sequence[tuple[int, int]], *, keep_runs: bool
) -> Iterator[Tube]:
    """Gather the masks of N objects, some at a time: far faster than one by one, and in less memory than all at once.

    Args:
        counts: As ``build_tubes`` takes them.
        sizes_px: Likewise.
        keep_runs: Whether tubes keep their masks decoded, in four to five times the memory.

    Raises:
        WrongTube: As ``build_tubes``.
    """
    start = held = 0
    for stop, masks in enumerate(counts, 1):
        held += sum(map(len, masks.values()))
        if held >= TOGETHER_BYTES or stop == len(counts):
            ordered = [dict(sorted(own.items())) for own in counts[start:stop]]
            try:
                yield from build_together(ordered, sizes_px[start:stop], keep_runs=keep_runs)
            except WrongTube as error:
                raise WrongTube(str(error), start + error.place) from error.__cause__
            start, held = stop, 0


def build_together(
    counts: Sequence[Mapping[int, bytes]], sizes_px: Sequence[tuple[int, int]], *, keep_runs: bool
) -> list[Tube]:
    """Gather the masks of N objects all at once.

    Args:
        counts: Compressed run lengths of each by frame index, ascending.
        sizes_px: Height and width of the frames of each.
        keep_runs: As ``iterate_tubes`` takes it.

    Raises:
        WrongTube: As ``build_tubes``.
    """
    lengths = [len(own) for own in counts]
    sizes = np.repeat(np.array(sizes_px, dtype=np.int64).reshape(-1, 2), lengths, axis=0)
    try:
        runs = decode_runs([text for own in counts for text in own.values()], sizes[:, 0], sizes[:, 1])
    except WrongRuns as error:
        place = int(np.searchsorted(np.cumsum(lengths), error.place, side="right"))
        frame = list(counts[place])[error.place - sum(lengths[:place])]
        raise WrongTube(f"frame {frame}: {error}", place) from error
    areas = runs.areas_px.tolist()
    tubes = []
    start = 0
    for size, own, length in zip(sizes_px, counts, lengths, strict=True):
        stop = start + length
        kept = runs.part(start, stop) if keep_runs else None
        tubes.append(Tube(*size, own, dict(zip(own, areas[start:stop], strict=True)), kept))
        start = stop
    return tubes


def read_counts(segmentations: Sequence[Any], height_px: int, width_px: int) -> dict[int, bytes]:
    """Take the masks of one object as YTVIS and OVIS json files list them.

    Args:
        segmentations: One entry per frame, each as ``compressed`` takes it, or None or an empty list where the
            object is not to be seen.
        height_px: Height of the frames.
        width_px: Width of the frames.

    Returns:
        Compressed run lengths by frame index, ascending, not checked yet.

    Raises:
        ValueError: An entry is no mask, or one of another size; names the frame.
    """
    counts: dict[int, bytes] = {}
    size = [height_px, width_px]
    for frame, segmentation in enumerate(segmentations):
        if segmentation is None or segmentation == []:
            continue
        try:
            # Nearly all masks are of this form, and there are many.
            if type(segmentation) is dict and segmentation.get("size") == size:
                text = segmentation.get("counts")
                if type(text) is str:
                    counts[frame] = text.encode("ascii")
                    continue
            counts[frame] = compressed(segmentation, height_px, width_px)
        except (ValueError, TypeError, OverflowError) as error:
            raise ValueError(f"frame {frame}: {error}") from error
    return counts


def read_segmentations(segmentations: Sequence[Any], height_px: int, width_px: int) -> Tube:
    """Gather the masks of one object as YTVIS and OVIS json files list them.

    Args:
        segmentations: As ``read_counts`` takes them.
        height_px: Height of the frames.
        width_px: Width of the frames.

    Raises:
        ValueError: As ``read_counts`` and ``build_tubes``.
    """
    return build_tube(read_counts(segmentations, height_px, width_px), height_px, width_px)
