"""A shard's pseudo-labels, those not kept included, each with the first criterion that it failed."""

import pyarrow as pa

from uvis_core.io.schemas.base import TableSchema, column, mask_key

KEPT = "kept"
CRITERIA = ("objectness", "class_score", "similarity", "area")
"""In the order in which a crop meets them; the first that it fails is its reason, or ``KEPT`` if it fails none."""
ACCEPTED, REJECTED = "accepted by hand", "rejected by hand"
"""Reasons of labels that a person corrected, whatever criteria they fail."""

LABELS = TableSchema(
    "labels",
    pa.schema(
        [
            *mask_key(),
            column("class_id", pa.int32()),
            column("objectness", pa.float32()),
            column("class_score", pa.float32()),
            column("similarity", pa.float32()),
            column("kept", pa.bool_()),
            column("reason", pa.string()),
        ]
    ),
)
