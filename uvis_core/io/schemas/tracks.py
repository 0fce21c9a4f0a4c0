"""Masks of a shard's tracked instances, a row per frame with pixels."""

import pyarrow as pa

from uvis_core.io.schemas.base import TableSchema, column, frame_size

TRACKS = TableSchema(
    "tracks",
    pa.schema(
        [
            column("video_id", pa.string()),
            column("track_id", pa.int32()),
            column("class_id", pa.int32()),
            column("score", pa.float32()),
            column("frame_index", pa.int32()),
            column("rle_counts", pa.string()),
            *frame_size(),
        ]
    ),
)
