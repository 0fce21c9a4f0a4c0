"""Class-agnostic masks of a shard's frames."""

import pyarrow as pa

from uvis_core.io.schemas.base import TableSchema, column, frame_size, list_of, mask_key

MASKS = TableSchema(
    "masks",
    pa.schema(
        [
            *mask_key(),
            column("rle_counts", pa.string()),
            *frame_size(),
            column("box_xyxy_px", list_of(pa.float32(), 4), "pixel"),
            column("area_px", pa.int64(), "pixel"),
            column("objectness", pa.float32()),
        ]
    ),
)
