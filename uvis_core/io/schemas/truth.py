"""A split's annotations, a row per video, whatever format they came in."""

import pyarrow as pa

from uvis_core.io.schemas.base import TableSchema, column, frame_size, list_of

UNKNOWN_OCCLUSION = -1.0
CLASSES_KEY, WARNINGS_KEY, OCCLUSION_FAULT_KEY = "classes", "warnings", "occlusion_fault"
"""Metadata: JSON object of class names by class id (as text), JSON list of what was odd in the annotations, and why
figures by occlusion cannot be taken (empty where they can)."""

OBJECT = pa.struct(
    [
        column("object_id", pa.string()),
        column("class_id", pa.int32()),
        column("crowd", pa.bool_()),
        column("mean_area_px", pa.float64(), "pixel"),
        column("occlusion", pa.float64()),
        column("frame_index", list_of(pa.int32())),
        column("rle_counts", list_of(pa.string())),
    ]
)
"""One annotated object. ``object_id``: id of the foreign file as text. ``crowd``: neither to be found nor wrong to be
found. ``mean_area_px``: over the frames that show it, by the foreign file's own areas where it has them. ``occlusion``:
OVIS's score of 0 to 1, -1 where there is none. ``frame_index`` and ``rle_counts``: the frames that show it, ascending,
and its compressed run lengths there. A video's objects stand in the order of the foreign file."""

TRUTH = TableSchema(
    "truth",
    pa.schema(
        [
            column("video_id", pa.string()),
            column("number", pa.int64()),
            *frame_size(),
            column("frames", pa.int32()),
            column("objects", list_of(OBJECT)),
        ]
    ),
)
"""``number``: the video's id in the foreign file, counted from 1 by name where it has none; exports use it again."""
