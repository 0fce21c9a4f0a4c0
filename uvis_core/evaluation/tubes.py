"""Masks of one object through a video as one tube, and the overlap of tubes in compiled code.

Run lengths go down the columns, so the frames of a video laid side by side are one wide image whose run
lengths are the frames' run lengths in a row. One call of ``pycocotools.mask.iou`` on two such images gives
the sum of the intersections over the sum of the unions: the tube IoU of YTVIS.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pycocotools import mask as coco

from uvis_core.evaluation.runs import decode_runs

# pycocotools adds up pixels in 32 bits; longer tubes are cut into spans of frames.
SPAN_LIMIT_PX = 2**32 - 1


@dataclass(frozen=True)
class Tube:
    """One object's masks through a video.

    Attributes:
        spans: One run-length mask per span of frames, each in the form that pycocotools takes; one span
            unless the video has 2^32 pixels or more.
        span_areas_px: Foreground pixels of every span, int64 of shape (S,).
        areas_px: Foreground pixels of every frame, int64 of shape (T,).
    """

    spans: tuple[dict[str, Any], ...]
    span_areas_px: np.ndarray
    areas_px: np.ndarray

    @property
    def mean_area_px(self) -> float:
        """Mean area over the frames that are not empty, 0.0 where all are."""
        visible = np.count_nonzero(self.areas_px)
        return float(self.areas_px.sum() / visible) if visible else 0.0

    @property
    def size_bytes(self) -> int:
        """Bytes that the run lengths take."""
        return sum(len(span["counts"]) for span in self.spans)


def build_tube(
    segmentations: Sequence[Any], height: int, width: int, span_limit_px: int = SPAN_LIMIT_PX
) -> Tube:
    """Join the masks of one object.

    Args:
        segmentations: T masks, each a compressed or uncompressed COCO run-length mask, a list of polygons, or
            None where the object is not to be seen.
        height: Height of the frames, pixels.
        width: Width of the frames, pixels.
        span_limit_px: Most pixels in one span.

    Raises:
        ValueError: A mask has another size than the frames or is damaged; names the frame.
    """
    empty = _compressed({"size": [height, width], "counts": [height * width]}, height, width)
    texts: list[bytes] = []
    for frame, segmentation in enumerate(segmentations):
        try:
            texts.append(_compressed(segmentation, height, width) if segmentation else empty)
        except (ValueError, TypeError, OverflowError) as error:
            raise ValueError(f"frame {frame}: {error}") from error
    pairs, rows = decode_runs(texts)
    totals = np.add.reduceat(pairs, rows[:-1], axis=0)
    wrong = np.flatnonzero(totals.sum(axis=1) != height * width)
    if len(wrong):
        covered, needed = totals[wrong[0]].sum(), f"{height} x {width} = {height * width}"
        raise ValueError(f"frame {wrong[0]}: the runs cover {covered} pixels, the frame has {needed}")
    if pairs.min() < 0:
        frame = int(np.searchsorted(rows, np.argmin(pairs) // 2, side="right")) - 1
        raise ValueError(f"frame {frame}: a run of {pairs.min()} pixels")
    frames_per_span = max(1, span_limit_px // (height * width))
    firsts = np.arange(0, len(texts), frames_per_span)
    spans = [
        _joined(pairs[rows[first] : rows[last]], height, width * (last - first))
        for first, last in zip(firsts, [*firsts[1:], len(texts)], strict=True)
    ]
    return Tube(tuple(spans), np.add.reduceat(totals[:, 1], firsts), totals[:, 1])


def tube_ious(tracks: Sequence[Tube], truths: Sequence[Tube]) -> np.ndarray:
    """Sum of the intersections over sum of the unions, over all frames.

    Args:
        tracks: D tubes of one video.
        truths: G tubes of the same video.

    Returns:
        IoU, float64 of shape (D, G); 0 where both tubes are empty.
    """
    intersection = np.zeros((len(tracks), len(truths)))
    if intersection.size == 0:
        return intersection
    track_areas = np.stack([tube.span_areas_px for tube in tracks], axis=1)
    truth_areas = np.stack([tube.span_areas_px for tube in truths], axis=1)
    areas = track_areas[:, :, None] + truth_areas[:, None, :]
    for index in range(len(truths[0].spans)):
        track_spans = [tube.spans[index] for tube in tracks]
        truth_spans = [tube.spans[index] for tube in truths]
        ratio = coco.iou(track_spans, truth_spans, [0] * len(truths))
        # From i / u = ratio and i + u = both areas; i is whole, so rounding makes it exact again.
        intersection += np.rint(ratio * areas[index] / (1 + ratio))
    union = areas.sum(axis=0) - intersection
    return np.divide(intersection, union, out=np.zeros_like(intersection), where=union > 0)


def _compressed(segmentation: Any, height: int, width: int) -> bytes:
    """One mask as compressed text."""
    if isinstance(segmentation, list):
        if not all(isinstance(polygon, list) and len(polygon) >= 6 for polygon in segmentation):
            raise ValueError("a polygon needs a list of at least six coordinates")
        return coco.merge(coco.frPyObjects(segmentation, height, width))["counts"]
    if not isinstance(segmentation, dict) or not {"size", "counts"} <= segmentation.keys():
        raise ValueError("neither a run-length mask with size and counts, nor polygons, nor null")
    size, counts = segmentation["size"], segmentation["counts"]
    if list(size) != [height, width]:
        raise ValueError(f"the mask's size is {list(size)}, the video's {[height, width]} (height, width)")
    if isinstance(counts, list):
        return coco.frPyObjects(segmentation, height, width)["counts"]
    return counts.encode("ascii") if isinstance(counts, str) else bytes(counts)


def _joined(pairs: np.ndarray, height: int, width: int) -> dict[str, Any]:
    """Run lengths of consecutive frames, int64 (P, 2), as one compressed mask without empty runs.

    The compiled intersection stops where two masks have an empty run at the same place, and where frames meet
    there is often one.
    """
    total = height * width
    # A run of no length is a change of colour that is taken back at once: equal positions cancel in twos.
    changes = np.cumsum(pairs.ravel())
    last = np.append(np.flatnonzero(changes[1:] != changes[:-1]), len(changes) - 1)
    odd = np.diff(last, prepend=-1) & 1 == 1
    ends = changes[last[odd]]
    runs = np.diff(ends[: np.searchsorted(ends, total)], prepend=0, append=total)
    return coco.frPyObjects({"size": [height, width], "counts": runs}, height, width)
