"""How alike a shard's crops are to the prototypes of their classes."""

import pyarrow as pa

from uvis_core.io.schemas.base import TableSchema, column

SIMILARITIES = TableSchema(
    "similarities",
    pa.schema(
        [
            column("mask_id", pa.int64()),
            column("class_id", pa.int32()),
            column("prototype_id", pa.int32()),
            column("similarity", pa.float32()),
        ]
    ),
)
