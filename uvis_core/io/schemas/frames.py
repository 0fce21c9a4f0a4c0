"""The index of a shard's frames."""

import pyarrow as pa

from uvis_core.io.schemas.base import TableSchema, column, frame_size

FRAMES = TableSchema(
    "frames",
    pa.schema(
        [
            column("video_id", pa.string()),
            column("frame_index", pa.int32()),
            column("path", pa.string()),
            *frame_size(),
            column("timestamp_s", pa.float64(), "second"),
        ]
    ),
)
