"""Tracks of a video painted into one image per frame: a number per pixel, so that masks no longer overlap."""

from collections.abc import Mapping, Sequence

import numpy as np

from uvis_core.exports.content import ExportedObject, ExportedVideo, SeenObject
from uvis_core.io.rle import decode_masks
from uvis_core.jobs import log


def number_objects(video: ExportedVideo, objects: Sequence[ExportedObject], most: int) -> dict[int, int]:
    """Numbers of a video's objects from 1, in their order.

    Args:
        video: For the log, which says how many are left out.
        objects: All of them.
        most: How many the format can number; of more, those of the highest scores.

    Returns:
        Object id to number, without those that are left out.
    """
    best = sorted(objects, key=lambda entry: (-entry.score, entry.object_id))[:most]
    if len(best) < len(objects):
        log.warning(
            "video %r: %d of %d objects are left out, the format numbers %d; raise exports.min_score",
            *(video.name, len(objects) - most, len(objects), most),
        )
    chosen = {entry.object_id for entry in best}
    kept = [entry.object_id for entry in objects if entry.object_id in chosen]
    return {object_id: number for number, object_id in enumerate(kept, 1)}


def paint(video: ExportedVideo, seen: Sequence[SeenObject], numbers: Mapping[int, int]) -> np.ndarray:
    """One frame: where objects overlap, the one of the highest score is seen.

    Args:
        video: Its size is that of the image.
        seen: Objects of the frame; those without a number are left out.
        numbers: Object id to what its pixels hold.

    Returns:
        uint16 of shape (H, W), 0 where nothing is.
    """
    image = np.zeros(video.size_px, dtype=np.uint16)
    for entry, counts in sorted(seen, key=lambda one: (one[0].score, -one[0].object_id)):
        if entry.object_id in numbers:
            image[decode_masks([counts], *entry.size_px)[0]] = numbers[entry.object_id]
    return image
