"""Annotations of any kind as the table of truth of a split."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from uvis_core.io.annotations.model import Annotations, TrueObject, Video, VideoId
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.truth import CLASSES_KEY, OCCLUSION_FAULT_KEY, TRUTH, WARNINGS_KEY
from uvis_core.io.tables import write_parts
from uvis_core.io.tubes import Tube

VIDEOS_PER_GROUP = 8
"""Readers fetch single videos: a group is what they have to read for one."""


def write_truth(
    output: Path | str,
    annotations: Annotations,
    names: Collection[str] | None = None,
    provenance: Mapping[str, str] | None = None,
) -> int:
    """Write a table of truth; beside what the annotations themselves take, a few videos are in memory.

    Args:
        output: The table.
        annotations: Of these and perhaps further videos.
        names: The videos wanted; None takes all of the annotations.
        provenance: Added to the metadata.

    Returns:
        How many videos were written.

    Raises:
        UserError: Two videos share a name, none is wanted, or one that is wanted has no annotations.
    """
    chosen = sorted(annotations.by_name if names is None else names)
    if not chosen:
        raise UserError(f"{annotations.path}: no video of it is wanted", fix="give a plan that lists videos")
    missing = [name for name in chosen if name not in annotations.by_name]
    if missing:
        raise UserError(
            f"{annotations.path}: lacks {len(missing)} of the videos, such as {missing[:3]}",
            fix="give the annotations of these very videos, under the same names, or set truth to null",
        )
    metadata = {
        CLASSES_KEY: json.dumps({str(number): name for number, name in annotations.class_names.items()}),
        WARNINGS_KEY: json.dumps(list(annotations.warnings)),
        OCCLUSION_FAULT_KEY: annotations.occlusion_fault,
    }
    videos = [annotations.by_name[name] for name in chosen]
    write_parts(output, TRUTH, _parts(annotations, videos), {**(provenance or {}), **metadata})
    return len(videos)


def _parts(annotations: Annotations, videos: Sequence[Video]) -> Iterator[dict[str, list[Any]]]:
    """Columns of a few videos at a time."""
    numbers = _numbers(videos)
    for start in range(0, len(videos), VIDEOS_PER_GROUP):
        part = videos[start : start + VIDEOS_PER_GROUP]
        truths = [annotations.read(video.video_id) for video in part]
        yield {
            "video_id": [video.name for video in part],
            "number": numbers[start : start + VIDEOS_PER_GROUP],
            "height_px": [video.height_px for video in part],
            "width_px": [video.width_px for video in part],
            "frames": [video.frames for video in part],
            "objects": [
                [_row(*pair) for pair in zip(truth.objects, truth.tubes, strict=True)] for truth in truths
            ],
        }


def _numbers(videos: Sequence[Video]) -> list[VideoId]:
    """The numbers of the foreign file, or 1, 2, ... where one of the videos has none."""
    own = [video.number for video in videos]
    return own if all(isinstance(number, int) for number in own) else list(range(1, len(videos) + 1))


def _row(found: TrueObject, tube: Tube) -> dict[str, Any]:
    shown = [frame for frame, area in tube.areas_px.items() if area]
    return {
        "object_id": str(found.object_id),
        "class_id": found.class_id,
        "crowd": found.crowd,
        "mean_area_px": found.mean_area_px,
        "occlusion": found.occlusion,
        "frame_index": shown,
        "rle_counts": [tube.counts[frame].decode("ascii") for frame in shown],
    }
