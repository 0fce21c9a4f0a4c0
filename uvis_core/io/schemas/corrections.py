"""Corrections of labels by hand, by mask id, once they are checked."""

import pyarrow as pa

from uvis_core.io.schemas.base import TableSchema, column

CORRECTIONS = TableSchema(
    "corrections",
    pa.schema([column("mask_id", pa.int64()), column("kept", pa.bool_()), column("class_id", pa.int32())]),
)
"""``class_id``: of a rename, its class; else ``SAME_CLASS``."""

SAME_CLASS = 0
