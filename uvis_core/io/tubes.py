"""Masks of one object through a video as one tube, and the overlap of tubes in compiled code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pycocotools import mask as coco

from uvis_core.io.rle import compressed
from uvis_core.io.rle_checks import WrongRuns, check_characters, check_runs

# Frames compared before tracks that cannot reach the floor any more are left out.
FRAMES_PER_BLOCK = 8


@dataclass(frozen=True)
class Tube:
    """One object's masks in the M frames of a video that show it.

    Attributes:
        height_px: Height of the frames.
        width_px: Width of the frames.
        counts: Compressed run lengths by frame index, ascending.
        areas_px: Foreground pixels by frame index, likewise.
    """

    height_px: int
    width_px: int
    counts: Mapping[int, bytes]
    areas_px: Mapping[int, int]

    @property
    def mean_area_px(self) -> float:
        """Mean area over the masks that are not empty, 0.0 where all are."""
        filled = sum(area > 0 for area in self.areas_px.values())
        return sum(self.areas_px.values()) / filled if filled else 0.0

    @property
    def size_bytes(self) -> int:
        """Bytes that the run lengths take."""
        return sum(map(len, self.counts.values()))

    def mask(self, frame: int) -> dict[str, Any] | None:
        """The mask of one frame in the form that pycocotools takes, None where there is none."""
        counts = self.counts.get(frame)
        return None if counts is None else {"size": [self.height_px, self.width_px], "counts": counts}

    def areas_by_frame(self, frames: int) -> np.ndarray:
        """Foreground pixels of each of the video's first T frames, int64 of shape (T,)."""
        areas = np.zeros(frames, dtype=np.int64)
        areas[list(self.areas_px)] = list(self.areas_px.values())
        return areas


def build_tube(counts: Mapping[int, bytes], height_px: int, width_px: int) -> Tube:
    """Gather the masks of one object.

    Args:
        counts: Compressed run lengths by frame index, in any order.
        height_px: Height of the frames.
        width_px: Width of the frames.

    Raises:
        ValueError: A mask is damaged or has another size than the frames; names the frame where it can.
    """
    ordered = dict(sorted(counts.items()))
    texts = list(ordered.values())
    check_characters(texts)
    try:
        areas = check_runs(texts, height_px, width_px)
    except WrongRuns as error:
        raise ValueError(f"frame {list(ordered)[error.place]}: {error}") from error
    return Tube(height_px, width_px, ordered, dict(zip(ordered, areas.tolist(), strict=True)))


def read_segmentations(segmentations: Sequence[Any], height_px: int, width_px: int) -> Tube:
    """Gather the masks of one object as YTVIS and OVIS json files list them.

    Args:
        segmentations: One entry per frame, each as ``compressed`` takes it, or None or an empty list where the
            object is not to be seen.
        height_px: Height of the frames.
        width_px: Width of the frames.

    Raises:
        ValueError: As ``build_tube``, or an entry is no mask.
    """
    counts: dict[int, bytes] = {}
    for frame, segmentation in enumerate(segmentations):
        if segmentation is not None and segmentation != []:
            try:
                counts[frame] = compressed(segmentation, height_px, width_px)
            except (ValueError, TypeError, OverflowError) as error:
                raise ValueError(f"frame {frame}: {error}") from error
    return build_tube(counts, height_px, width_px)


def tube_ious(tracks: Sequence[Tube], truths: Sequence[Tube], floor: float = 0.0) -> np.ndarray:
    """Tube IoU: sum of the intersections over sum of the unions, over all frames.

    A track is compared only as long as the frames to come let it reach ``floor`` with some truth.

    Args:
        tracks: D tubes of one video.
        truths: G tubes of the same video; masks of another size than a track's share nothing with it.
        floor: Least IoU that matters.

    Returns:
        float64 of shape (D, G); 0 below ``floor`` and where both tubes are empty.
    """
    if not tracks or not truths:
        return np.zeros((len(tracks), len(truths)))
    frames = 1 + max((max(tube.counts) for tube in (*tracks, *truths) if tube.counts), default=-1)
    track_areas, truth_areas = _areas(tracks, frames), _areas(truths, frames)
    both = track_areas.sum(axis=0)[:, None] + truth_areas.sum(axis=0)
    # The most that each pair can share: what it does in the frames compared, the smaller area in the others.
    shared = np.minimum(track_areas[:, :, None], truth_areas[:, None, :]).sum(axis=0)
    for start in range(0, frames, FRAMES_PER_BLOCK):
        block = range(start, min(start + FRAMES_PER_BLOCK, frames))
        open_rows = np.flatnonzero(((shared > 0) & (shared >= (floor - 1e-9) * (both - shared))).any(axis=1))
        if len(open_rows) == 0:
            break
        counted = shared_pixels([tracks[row] for row in open_rows.tolist()], truths, block)
        most = np.minimum(
            track_areas[block.start : block.stop, open_rows, None],
            truth_areas[block.start : block.stop, None],
        )
        shared[open_rows] += (counted - most).sum(axis=0)
    ious = _ious(shared, both)
    return np.where(ious >= floor, ious, 0.0)


def frame_and_tube_ious(
    tracks: Sequence[Tube], truths: Sequence[Tube], frames: int
) -> tuple[np.ndarray, np.ndarray]:
    """IoU in every frame and over all frames.

    Args:
        tracks: D tubes of one video.
        truths: G tubes of the same video.
        frames: T, the video's length.

    Returns:
        float64 of shape (T, D, G) and of shape (D, G); 0 where both masks are empty.
    """
    shared = shared_pixels(tracks, truths, range(frames))
    both = _areas(tracks, frames)[:, :, None] + _areas(truths, frames)[:, None]
    return _ious(shared, both), _ious(shared.sum(axis=0), both.sum(axis=0))


def shared_pixels(tracks: Sequence[Tube], truths: Sequence[Tube], frames: Sequence[int]) -> np.ndarray:
    """Pixels that each track shares with each truth in each of F frames, int64 of shape (F, D, G)."""
    ratios = np.zeros((len(frames), len(tracks), len(truths)))
    for place, frame in enumerate(frames):
        rows, own = _masks(tracks, frame)
        columns, other = _masks(truths, frame)
        if rows and columns:
            found = coco.iou(own, other, [0] * len(other))
            whole = len(rows) == len(tracks) and len(columns) == len(truths)
            ratios[place] = found if whole else _spread(found, rows, columns, ratios.shape[1:])
    # Of different sizes the ratio is -1.
    np.maximum(ratios, 0.0, out=ratios)
    both = _areas_at(tracks, frames)[:, :, None] + _areas_at(truths, frames)[:, None]
    # From i / u = ratio and i + u = both areas; i is whole, so rounding makes it exact again.
    return np.rint(ratios * both / (1 + ratios)).astype(np.int64)


def _spread(
    values: np.ndarray, rows: Sequence[int], columns: Sequence[int], shape: tuple[int, ...]
) -> np.ndarray:
    """Values at some rows and columns, 0 at the others."""
    found = np.zeros(shape)
    found[np.array(rows)[:, None], columns] = values
    return found


def _masks(tubes: Sequence[Tube], frame: int) -> tuple[list[int], list[dict[str, Any]]]:
    """Which tubes have a mask in a frame, and these masks."""
    found = [(index, mask) for index, tube in enumerate(tubes) if (mask := tube.mask(frame)) is not None]
    return [index for index, _ in found], [mask for _, mask in found]


def _areas_at(tubes: Sequence[Tube], frames: Sequence[int]) -> np.ndarray:
    """Foreground pixels of each tube in each of F frames, int64 of shape (F, N)."""
    rows = [[tube.areas_px.get(frame, 0) for tube in tubes] for frame in frames]
    return np.array(rows, dtype=np.int64).reshape(len(frames), len(tubes))


def _ious(shared: np.ndarray, both: np.ndarray) -> np.ndarray:
    """Intersections over unions, from the intersections and the sums of both areas."""
    return np.divide(shared, both - shared, out=np.zeros(both.shape), where=both > shared)


def _areas(tubes: Sequence[Tube], frames: int) -> np.ndarray:
    """Foreground pixels, int64 of shape (T, N)."""
    rows = [tube.areas_by_frame(frames) for tube in tubes]
    return np.array(rows, dtype=np.int64).reshape(len(tubes), frames).T
