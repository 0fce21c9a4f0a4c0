"""Embedding and class scores of a shard's crops."""

import pyarrow as pa

from uvis_core.io.schemas.base import WIDTH_UNKNOWN, TableSchema, column, list_of, mask_key

CROPS = TableSchema(
    "crops",
    pa.schema(
        [
            *mask_key(),
            column("class_id", pa.int32()),
            column("class_score", pa.float32()),
            column("cosine", pa.float32()),
            column("top_class_ids", list_of(pa.int32())),
            column("top_logits", list_of(pa.float32())),
            column("top_cosines", list_of(pa.float32())),
            column("embedding", list_of(pa.float16(), WIDTH_UNKNOWN)),
        ]
    ),
    vector="embedding",
)
