"""Training samples of a split: a row per frame, memory-mapped by every training process."""

import pyarrow as pa

from uvis_core.io.schemas.base import TableSchema, column, frame_size, list_of

CLASSES_KEY, COUNTS_KEY = "classes", "counts"
"""Metadata: JSON object of class names by class id (as text), and JSON object of crops by verdict."""
CHECKSUM_KEY = b"crc32"
"""Metadata of each record batch: of its serialised bytes."""

SAMPLES = TableSchema(
    "samples",
    pa.schema(
        [
            column("video", pa.int32()),
            column("video_id", pa.string()),
            column("frame_index", pa.int32()),
            column("path", pa.string()),
            *frame_size(),
            column("class_ids", list_of(pa.int32())),
            column("scores", list_of(pa.float32())),
            column("rle_counts", list_of(pa.string())),
        ]
    ),
)
"""Rows of one video lie together in the order of its frames; ``video`` counts the videos from 0 in the order of the
file. ``class_ids``, ``scores`` (objectness times class score) and ``rle_counts``: the frame's kept labels."""
