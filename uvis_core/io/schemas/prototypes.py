"""Per-class centroids of crop embeddings."""

import pyarrow as pa

from uvis_core.io.schemas.base import WIDTH_UNKNOWN, TableSchema, column, list_of

PROTOTYPES = TableSchema(
    "prototypes",
    pa.schema(
        [
            column("class_id", pa.int32()),
            column("prototype_id", pa.int32()),
            column("centroid", list_of(pa.float32(), WIDTH_UNKNOWN)),
            column("members", pa.int64()),
            column("mean_similarity", pa.float32()),
        ]
    ),
    vector="centroid",
)
