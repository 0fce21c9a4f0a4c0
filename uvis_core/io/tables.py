"""The Parquet tables through which the stages meet: schemas, writing, reading.

Every file carries in its metadata the schema's name and version and the provenance given by its stage, but no
time and no host, so that equal inputs give equal bytes.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq

from uvis_core.io.atomic import atomic_path
from uvis_core.io.errors import UserError

SCHEMA_VERSION = "1"
ROW_GROUP_ROWS = 4096
WIDTH_UNKNOWN = -1


def _field(name: str, kind: pa.DataType, unit: str = "") -> pa.Field:
    return pa.field(name, kind, nullable=False, metadata={"unit": unit} if unit else None)


_ITEM32 = pa.field("element", pa.float32(), nullable=False)
_MASK_KEY = (
    _field("mask_id", pa.int64()),
    _field("video_id", pa.string()),
    _field("frame_index", pa.int32()),
)
_SIZE = (_field("height_px", pa.int32(), "pixel"), _field("width_px", pa.int32(), "pixel"))

SCHEMAS: dict[str, pa.Schema] = {
    "frames": pa.schema(
        [
            _field("video_id", pa.string()),
            _field("frame_index", pa.int32()),
            _field("path", pa.string()),
            *_SIZE,
            _field("timestamp_s", pa.float64(), "second"),
        ]
    ),
    "masks": pa.schema(
        [
            *_MASK_KEY,
            _field("rle_counts", pa.string()),
            *_SIZE,
            _field("box_xyxy_px", pa.list_(_ITEM32, 4), "pixel"),
            _field("area_px", pa.int64(), "pixel"),
            _field("objectness", pa.float32()),
        ]
    ),
    "crops": pa.schema(
        [
            *_MASK_KEY,
            _field("class_id", pa.int32()),
            _field("class_score", pa.float32()),
            _field("cosine", pa.float32()),
            _field("top_class_ids", pa.list_(pa.field("element", pa.int32(), nullable=False))),
            _field("top_logits", pa.list_(_ITEM32)),
            _field("top_cosines", pa.list_(_ITEM32)),
            _field("embedding", pa.list_(pa.field("element", pa.float16(), nullable=False), WIDTH_UNKNOWN)),
        ]
    ),
    "prototypes": pa.schema(
        [
            _field("class_id", pa.int32()),
            _field("prototype_id", pa.int32()),
            _field("centroid", pa.list_(_ITEM32, WIDTH_UNKNOWN)),
            _field("members", pa.int64()),
            _field("mean_similarity", pa.float32()),
        ]
    ),
    "similarities": pa.schema(
        [
            _field("mask_id", pa.int64()),
            _field("class_id", pa.int32()),
            _field("prototype_id", pa.int32()),
            _field("similarity", pa.float32()),
        ]
    ),
    "labels": pa.schema(
        [
            *_MASK_KEY,
            _field("class_id", pa.int32()),
            _field("objectness", pa.float32()),
            _field("class_score", pa.float32()),
            _field("similarity", pa.float32()),
            _field("kept", pa.bool_()),
            _field("reason", pa.string()),
        ]
    ),
    "tracks": pa.schema(
        [
            _field("video_id", pa.string()),
            _field("track_id", pa.int32()),
            _field("class_id", pa.int32()),
            _field("score", pa.float32()),
            _field("frame_index", pa.int32()),
            _field("rle_counts", pa.string()),
            *_SIZE,
        ]
    ),
}
# Columns whose fixed length is that of the embedding model, known only when a table is written.
VECTOR_COLUMNS = {"crops": "embedding", "prototypes": "centroid"}


def fixed_lists(values: np.ndarray, kind: pa.DataType) -> pa.Array:
    """Turn a (N, D) array into N fixed-size lists of D non-nullable ``kind`` items."""
    flat = pa.array(np.ascontiguousarray(values).reshape(-1).astype(kind.to_pandas_dtype()), type=kind)
    return pa.FixedSizeListArray.from_arrays(
        flat, type=pa.list_(pa.field("element", kind, nullable=False), values.shape[1])
    )


def embedding_array(embeddings: np.ndarray) -> pa.Array:
    """Store (N, D) float embeddings as float16 fixed-size lists."""
    return fixed_lists(embeddings, pa.float16())


def embedding_matrix(column: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """Read a fixed-size list column back as float32 of shape (N, D)."""
    width = column.type.list_size
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    parts = [chunk.flatten().to_numpy(zero_copy_only=False).reshape(-1, width) for chunk in chunks]
    return np.concatenate(parts or [np.zeros((0, width))]).astype(np.float32)


def _schema(name: str, columns: Mapping[str, Any]) -> pa.Schema:
    schema = SCHEMAS[name]
    vector = VECTOR_COLUMNS.get(name)
    if vector is None:
        return schema
    position = schema.get_field_index(vector)
    return schema.set(position, pa.field(vector, columns[vector].type, nullable=False))


def write_table(
    path: Path | str, name: str, columns: Mapping[str, Any], provenance: Mapping[str, str] | None = None
) -> None:
    """Write one table atomically.

    Args:
        path: The Parquet file.
        name: Key of ``SCHEMAS``.
        columns: One array-like per field of the schema, all of N rows; vectors as ``fixed_lists`` gives them.
        provenance: Added to the file's metadata: settings, code digest, library versions, seed.

    Raises:
        ValueError: A column is missing, unknown, or holds a null, NaN or infinity.
        UserError: The file cannot be written.
    """
    schema = _schema(name, columns)
    if set(columns) != set(schema.names):
        raise ValueError(f"table {name}: columns {sorted(columns)} are not {sorted(schema.names)}")
    arrays = []
    for field in schema:
        value = columns[field.name]
        array = value if isinstance(value, pa.Array | pa.ChunkedArray) else pa.array(value, type=field.type)
        array = array.cast(field.type) if array.type != field.type else array
        if array.null_count:
            raise ValueError(f"table {name}: column {field.name} holds {array.null_count} nulls")
        if pa.types.is_floating(field.type) and not np.isfinite(array.to_numpy(zero_copy_only=False)).all():
            raise ValueError(f"table {name}: column {field.name} holds a value that is not finite")
        arrays.append(array)
    metadata = {"schema": name, "schema_version": SCHEMA_VERSION, **(provenance or {})}
    table = pa.Table.from_arrays(arrays, schema=schema.with_metadata(metadata))
    vectors = [f"{field.name}.list.element" for field in schema if pa.types.is_fixed_size_list(field.type)]
    texts = [field.name for field in schema if pa.types.is_string(field.type) and field.name != "rle_counts"]
    with atomic_path(path) as temporary:
        pq.write_table(
            table,
            temporary,
            compression="zstd",
            row_group_size=ROW_GROUP_ROWS,
            use_dictionary=texts,
            use_byte_stream_split=vectors,
        )


def read_table(
    path: Path | str, name: str, columns: Sequence[str] | None = None, video_id: str | None = None
) -> pa.Table:
    """Read one table, or some columns of it, or the rows of one video.

    Raises:
        UserError: The file is missing, damaged, of another schema or of a version that is not known here.
    """
    again = "delete the file and run the workflow again; its stage makes it anew"
    try:
        metadata = pq.read_schema(path).metadata or {}
        found = metadata.get(b"schema", b"none").decode(), metadata.get(b"schema_version", b"none").decode()
        if found != (name, SCHEMA_VERSION):
            raise UserError(
                f"{path}: holds schema {found[0]!r} version {found[1]!r}, not {name!r} version "
                f"{SCHEMA_VERSION!r}",
                fix=again,
            )
        filters = None if video_id is None else [("video_id", "==", video_id)]
        return pq.read_table(
            path, columns=list(columns) if columns else None, filters=filters, partitioning=None
        )
    except FileNotFoundError as error:
        raise UserError(
            f"{path}: no such table", fix="run the workflow; it makes the tables in order"
        ) from error
    except (pa.ArrowInvalid, OSError) as error:
        raise UserError(f"{path}: cannot be read as a Parquet table ({error})", fix=again) from error


def read_metadata(path: Path | str) -> dict[str, str]:
    """The metadata of a table: schema, version and provenance."""
    raw = pq.read_schema(path).metadata or {}
    return {key.decode(): value.decode() for key, value in raw.items() if key != b"ARROW:schema"}
