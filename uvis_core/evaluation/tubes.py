"""Masks of one object through a video as one tube, and the overlap of tubes in compiled code."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pycocotools import mask as coco

from uvis_core.evaluation.run_checks import check_characters, check_runs

# pycocotools.mask.area refuses more masks than this at a time.
_AREA_BATCH = 255
# Frames compared in one compiled call: more save calls, but pairs of different frames are looked at in vain.
FRAMES_PER_CALL = 8


@dataclass(frozen=True)
class Tube:
    """One object's masks through a video of T frames.

    Attributes:
        height: Height of the frames, pixels.
        width: Width of the frames, pixels.
        counts: Compressed run lengths of every frame, None where the object is not to be seen.
        areas_px: Foreground pixels of every frame, int64 of shape (T,).
    """

    height: int
    width: int
    counts: tuple[bytes | None, ...]
    areas_px: np.ndarray

    @property
    def mean_area_px(self) -> float:
        """Mean area over the frames that are not empty, 0.0 where all are."""
        visible = np.count_nonzero(self.areas_px)
        return float(self.areas_px.sum() / visible) if visible else 0.0

    @property
    def size_bytes(self) -> int:
        """Bytes that the run lengths take."""
        return sum(len(counts) for counts in self.counts if counts)


def build_tube(segmentations: Sequence[Any], height: int, width: int) -> Tube:
    """Gather the masks of one object.

    Only of the first mask it is checked that the runs fill the frame: a wrong size goes through a whole track.

    Args:
        segmentations: T masks, each a compressed or uncompressed COCO run-length mask, a list of polygons, or
            None where the object is not to be seen.
        height: Height of the frames, pixels.
        width: Width of the frames, pixels.

    Raises:
        ValueError: A mask has another size than the frames or is damaged; names the frame where it can.
    """
    counts: list[bytes | None] = []
    for frame, segmentation in enumerate(segmentations):
        try:
            counts.append(_compressed(segmentation, height, width) if segmentation else None)
        except (ValueError, TypeError, OverflowError) as error:
            raise ValueError(f"frame {frame}: {error}") from error
    visible = [frame for frame, text in enumerate(counts) if text is not None]
    texts = [text for text in counts if text is not None]
    areas = np.zeros(len(counts), dtype=np.int64)
    if visible:
        check_characters(texts)
        try:
            check_runs(texts[0], height, width)
        except ValueError as error:
            raise ValueError(f"frame {visible[0]}: {error}") from error
        masks = [{"size": [height, width], "counts": text} for text in texts]
        batches = [masks[first : first + _AREA_BATCH] for first in range(0, len(masks), _AREA_BATCH)]
        areas[visible] = np.concatenate([coco.area(batch) for batch in batches])
    return Tube(height, width, tuple(counts), areas)


def tube_ious(tracks: Sequence[Tube], truths: Sequence[Tube], floor: float = 0.0) -> np.ndarray:
    """Tube IoU: sum of the intersections over sum of the unions, over all frames.

    A track is compared only as long as the frames to come let it reach ``floor`` with some truth.

    Args:
        tracks: D tubes of one video.
        truths: G tubes of the same video.
        floor: Least IoU that matters.

    Returns:
        float64 of shape (D, G); 0 below ``floor`` and where both tubes are empty.
    """
    if not tracks or not truths:
        return np.zeros((len(tracks), len(truths)))
    track_areas, truth_areas = _areas(tracks), _areas(truths)
    both = track_areas.sum(axis=0)[:, None] + truth_areas.sum(axis=0)
    # The most that each pair can share: what it does in the frames compared, the smaller area in the others.
    shared = np.minimum(track_areas[:, :, None], truth_areas[:, None, :]).sum(axis=0)
    for start in range(0, len(track_areas), FRAMES_PER_CALL):
        frames = np.arange(start, min(start + FRAMES_PER_CALL, len(track_areas)))
        open_rows = np.flatnonzero(((shared > 0) & (shared >= (floor - 1e-9) * (both - shared))).any(axis=1))
        if len(open_rows) == 0:
            break
        counted = frame_intersections([tracks[row] for row in open_rows.tolist()], truths, frames)
        most = np.minimum(track_areas[frames][:, open_rows, None], truth_areas[frames][:, None])
        shared[open_rows] += (counted - most).sum(axis=0)
    ious = _ious(shared, both)
    return np.where(ious >= floor, ious, 0.0)


def frame_and_tube_ious(tracks: Sequence[Tube], truths: Sequence[Tube]) -> tuple[np.ndarray, np.ndarray]:
    """IoU in every frame and over all frames.

    Args:
        tracks: D tubes of one video of T frames, at least one.
        truths: G tubes of the same video.

    Returns:
        float64 of shape (T, D, G) and of shape (D, G); 0 where both masks are empty.
    """
    frames = len(tracks[0].areas_px)
    if not truths:
        return np.zeros((frames, len(tracks), 0)), np.zeros((len(tracks), 0))
    starts = range(0, frames, FRAMES_PER_CALL)
    blocks = [np.arange(start, min(start + FRAMES_PER_CALL, frames)) for start in starts]
    shared = np.concatenate([frame_intersections(tracks, truths, block) for block in blocks])
    both = _areas(tracks)[:, :, None] + _areas(truths)[:, None]
    return _ious(shared, both), _ious(shared.sum(axis=0), both.sum(axis=0))


def frame_intersections(tracks: Sequence[Tube], truths: Sequence[Tube], frames: np.ndarray) -> np.ndarray:
    """Shared pixels in each of some frames, in one compiled call.

    The call takes the masks of all these frames. It does not compare masks of different widths, so each mask
    is given a width that tells its frame; run lengths go down the columns and do not depend on the width.

    Args:
        tracks: D tubes of one video.
        truths: G tubes of the same video.
        frames: Frame numbers, int64 of shape (F,).

    Returns:
        int64 of shape (F, D, G).
    """
    own, own_places = _framed(tracks, frames)
    other, other_places = _framed(truths, frames)
    shared = np.zeros((len(frames), len(tracks), len(truths)), dtype=np.int64)
    if not own or not other:
        return shared
    ratios = coco.iou(own, other, [0] * len(other))
    left, right = np.nonzero(ratios > 0)
    (row_frames, rows), (_, columns) = own_places[:, left], other_places[:, right]
    numbers = frames[row_frames]
    ratio = ratios[left, right]
    both = _areas(tracks)[numbers, rows] + _areas(truths)[numbers, columns]
    # From i / u = ratio and i + u = both areas; i is whole, so rounding makes it exact again.
    shared[row_frames, rows, columns] = np.rint(ratio * both / (1 + ratio))
    return shared


def _framed(tubes: Sequence[Tube], frames: np.ndarray) -> tuple[list[dict[str, Any]], np.ndarray]:
    """Visible masks in widths that tell their frames; positions of frame and tube, int64 of shape (2, M)."""
    masks, places = [], []
    for position, frame in enumerate(frames.tolist()):
        for index, tube in enumerate(tubes):
            if tube.counts[frame] is not None:
                masks.append({"size": [tube.height, tube.width + position], "counts": tube.counts[frame]})
                places.append((position, index))
    return masks, np.array(places, dtype=np.int64).reshape(-1, 2).T


def _ious(shared: np.ndarray, both: np.ndarray) -> np.ndarray:
    """Intersections over unions, from the intersections and the sums of both areas."""
    return np.divide(shared, both - shared, out=np.zeros(both.shape), where=both > shared)


def _areas(tubes: Sequence[Tube]) -> np.ndarray:
    """Foreground pixels, int64 of shape (T, N)."""
    return np.stack([tube.areas_px for tube in tubes], axis=1)


def _compressed(segmentation: Any, height: int, width: int) -> bytes:
    """One mask as compressed text."""
    if isinstance(segmentation, list):
        if not all(isinstance(polygon, list) and len(polygon) >= 6 for polygon in segmentation):
            raise ValueError("a polygon needs a list of at least six coordinates")
        return coco.merge(coco.frPyObjects(segmentation, height, width))["counts"]
    if not isinstance(segmentation, dict) or not {"size", "counts"} <= segmentation.keys():
        raise ValueError("neither a run-length mask with size and counts, nor polygons, nor null")
    size, counts = segmentation["size"], segmentation["counts"]
    if size != [height, width]:
        raise ValueError(f"the mask's size is {size}, the video's {[height, width]} (height, width)")
    if isinstance(counts, list):
        return coco.frPyObjects(segmentation, height, width)["counts"]
    return counts.encode("ascii") if isinstance(counts, str) else bytes(counts)
