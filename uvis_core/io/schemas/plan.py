"""The videos of a split, each with the shard that it belongs to: made once per state of the source, read by jobs."""

import pyarrow as pa

from uvis_core.io.schemas.base import TableSchema, column, list_of

PLAN = TableSchema(
    "plan",
    pa.schema(
        [
            column("shard", pa.string()),
            column("video_id", pa.string()),
            column("kind", pa.string()),
            column("path", pa.string()),
            column("file_names", list_of(pa.string())),
            column("state", pa.string()),
            column("number", pa.int64()),
            column("height_px", pa.int64(), "pixel"),
            column("width_px", pa.int64(), "pixel"),
        ]
    ),
    version="2",
)
"""``kind``: video (a file to decode) or images (to index: ``file_names`` in order, relative to ``path``); ``state``:
digest of sizes and times of the files when they were listed, empty for files that the workflow itself makes;
``number``: the video's id in the json that lists it, 0 where there is none; ``height_px``, ``width_px``: the size of
its images by that json, 0 where it says none."""
