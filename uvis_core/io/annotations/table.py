"""Annotations in a table of truth, read video by video."""

from pathlib import Path
from typing import Any

import numpy as np

from uvis_core.io.annotations.model import Annotations, TrueObject, Video, VideoId, VideoTruth
from uvis_core.io.errors import UserError
from uvis_core.io.row_groups import RowGroups
from uvis_core.io.schemas.truth import CLASSES_KEY, OCCLUSION_FAULT_KEY, TRUTH, WARNINGS_KEY
from uvis_core.io.table_checks import MADE_AGAIN, class_names, json_entry
from uvis_core.io.tables import read_metadata
from uvis_core.io.tubes import build_tubes


def read_truth_table(path: Path | str) -> Annotations:
    """Read the index of a table of truth; the objects of a video when it is asked for.

    Returns:
        Videos by their names, in the order of their numbers.

    Raises:
        UserError: The table is missing, damaged or of another schema; also by ``read``, where masks are damaged.
    """
    table = RowGroups(path, TRUTH)
    index = table.read(["video_id", "number", "height_px", "width_px", "frames"]).to_pylist()
    metadata = read_metadata(path)
    names = class_names(path, metadata, CLASSES_KEY)
    rows = {row["video_id"]: place for place, row in enumerate(index)}
    videos: dict[VideoId, Video] = {
        row["video_id"]: Video(
            row["video_id"], row["video_id"], row["number"], row["height_px"], row["width_px"], row["frames"]
        )
        for row in sorted(index, key=lambda row: row["number"])
    }

    def read(video_id: VideoId) -> VideoTruth:
        video = videos[video_id]
        entries = table.take("objects", np.array([rows[video.name]]))[0].as_py()
        try:
            counts = [
                dict(zip(entry["frame_index"], map(str.encode, entry["rle_counts"]), strict=True))
                for entry in entries
            ]
            tubes = build_tubes(counts, [(video.height_px, video.width_px)] * len(entries))
        except ValueError as error:
            raise UserError(f"{path}: video {video.name!r}, {error}", fix=MADE_AGAIN) from error
        return VideoTruth([_object(entry) for entry in entries], tubes)

    return Annotations(
        Path(path),
        videos,
        names,
        read,
        json_entry(path, metadata, WARNINGS_KEY, list),
        metadata.get(OCCLUSION_FAULT_KEY, ""),
    )


def _object(entry: dict[str, Any]) -> TrueObject:
    names = ("object_id", "class_id", "crowd", "mean_area_px", "occlusion")
    return TrueObject(**{name: entry[name] for name in names})
