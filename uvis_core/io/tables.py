"""The Parquet tables through which the stages meet: writing and reading; their columns are in ``io/schemas/``.

Every file carries in its metadata the schema's name and version and the provenance given by its stage, but no
time and no host, so that equal inputs give equal bytes. Every page carries a checksum, and every reader verifies it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from uvis_core.io.atomic import atomic_path
from uvis_core.io.errors import UserError, is_the_machines, machine_error
from uvis_core.io.schemas.base import TableSchema
from uvis_core.io.table_checks import MADE_AGAIN, check_schema, check_values, is_finite

ROW_GROUP_ROWS = 4096


def fixed_lists(values: np.ndarray, kind: pa.DataType) -> pa.Array:
    """Turn a (N, D) array into N fixed-size lists of D non-nullable ``kind`` items."""
    flat = pa.array(
        np.ascontiguousarray(values).reshape(-1).astype(kind.to_pandas_dtype(), copy=False), type=kind
    )
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


def _schema(schema: TableSchema, columns: Mapping[str, Any]) -> pa.Schema:
    """The columns as they are written: with the vectors' own length."""
    if schema.vector is None:
        return schema.columns
    position = schema.columns.get_field_index(schema.vector)
    return schema.columns.set(position, pa.field(schema.vector, columns[schema.vector].type, nullable=False))


def write_table(
    path: Path | str,
    schema: TableSchema,
    columns: Mapping[str, Any],
    provenance: Mapping[str, str] | None = None,
) -> None:
    """Write one table atomically.

    Args:
        path: The Parquet file.
        schema: What it is to hold.
        columns: One array-like per column of the schema, all of N rows; vectors as ``fixed_lists`` gives them.
        provenance: Added to the file's metadata: settings, code digest, library versions, seed.

    Raises:
        ValueError: A column is missing, unknown, or holds a null.
        UserError: A column holds NaN or infinity, or the file cannot be written.
    """
    table = _table(path, schema, columns, provenance)
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary, row_group_size=ROW_GROUP_ROWS, **_encoding(table.schema))


def write_parts(
    path: Path | str,
    schema: TableSchema,
    parts: Iterable[Mapping[str, Any]],
    provenance: Mapping[str, str] | None = None,
) -> None:
    """Write one table atomically, part by part, each a row group of its own; one part is in memory.

    Args:
        path: The Parquet file.
        schema: What it is to hold.
        parts: Columns as ``write_table`` takes them, for some rows each.
        provenance: As in ``write_table``.

    Raises:
        ValueError: As ``write_table``.
        UserError: As ``write_table``.
    """
    fields = schema.columns.with_metadata(_metadata(schema, provenance))
    with atomic_path(path) as temporary, pq.ParquetWriter(temporary, fields, **_encoding(fields)) as writer:
        for columns in parts:
            writer.write_table(_table(path, schema, columns, provenance))


def _table(
    path: Path | str, schema: TableSchema, columns: Mapping[str, Any], provenance: Mapping[str, str] | None
) -> pa.Table:
    """The columns, checked, with their metadata."""
    fields = _schema(schema, columns)
    if set(columns) != set(fields.names):
        raise ValueError(f"table {schema.name}: columns {sorted(columns)} are not {sorted(fields.names)}")
    arrays = []
    for field in fields:
        value = columns[field.name]
        array = value if isinstance(value, pa.Array | pa.ChunkedArray) else pa.array(value, type=field.type)
        array = array.cast(field.type) if array.type != field.type else array
        if array.null_count:
            raise ValueError(f"table {schema.name}: column {field.name} holds {array.null_count} nulls")
        if not is_finite(array):
            raise UserError(
                f"{path}: is not written, as column {field.name} holds a value that is not finite",
                fix="a model gave NaN or infinity: try precision fp32, or other weights",
            )
        arrays.append(array)
    return pa.Table.from_arrays(arrays, schema=fields.with_metadata(_metadata(schema, provenance)))


def _metadata(schema: TableSchema, provenance: Mapping[str, str] | None) -> dict[str, str]:
    return {"schema": schema.name, "schema_version": schema.version, **(provenance or {})}


def _encoding(fields: pa.Schema) -> dict[str, Any]:
    """How the columns are packed: vectors byte by byte, texts that come again and again through a dictionary."""
    return {
        "compression": "zstd",
        "write_page_checksum": True,
        "use_dictionary": [
            field.name for field in fields if pa.types.is_string(field.type) and field.name != "rle_counts"
        ],
        "use_byte_stream_split": [
            f"{field.name}.list.element" for field in fields if pa.types.is_fixed_size_list(field.type)
        ],
    }


def read_table(
    path: Path | str,
    schema: TableSchema,
    columns: Sequence[str] | None = None,
    video_id: str | None = None,
    shard: str | None = None,
) -> pa.Table:
    """Read one table, or some columns of it, or the rows of one video or, of a plan, of one shard.

    Raises:
        UserError: The file is missing, damaged, of another schema or of a version that is not known here, or holds a
            null, NaN or infinity.
    """
    chosen = {"video_id": video_id, "shard": shard}
    filters = [(name, "==", value) for name, value in chosen.items() if value is not None] or None
    with reading(path):
        check_schema(path, pq.read_schema(path), schema)
        names = list(columns or schema.columns.names)
        if filters is None:
            # Filters need pyarrow's data sets, which import pandas: half a second that most jobs can do without.
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                table = file.read(names)
        else:
            table = pq.read_table(
                path, columns=names, filters=filters, partitioning=None, page_checksum_verification=True
            )
    check_values(path, table)
    return table


def read_pieces(path: Path | str, schema: TableSchema, columns: Sequence[str]) -> Iterator[pa.Table]:
    """Read some columns of one table a row group at a time, so that memory does not grow with it.

    Yields:
        Rows in order; one piece without rows if the table has none.

    Raises:
        UserError: As ``read_table``.
    """
    with reading(path), pq.ParquetFile(path, page_checksum_verification=True) as file:
        check_schema(path, file.schema_arrow, schema)
        for group in range(file.num_row_groups):
            piece = file.read_row_group(group, columns=list(columns))
            check_values(path, piece)
            yield piece


@contextmanager
def reading(path: Path | str) -> Iterator[None]:
    """Turn what pyarrow raises about a missing or damaged file into a ``UserError``, faults of the machine apart."""
    try:
        yield
    except FileNotFoundError as error:
        raise UserError(
            f"{path}: no such table", fix="run the workflow; it makes the tables in order"
        ) from error
    except (pa.ArrowException, OSError, MemoryError, ValueError, KeyError) as error:
        # pyarrow lets the last two out where names in a damaged file are no text, or columns are gone.
        if is_the_machines(error):
            raise machine_error(path, "cannot be read", error) from error
        raise UserError(f"{path}: cannot be read as a table ({error})", fix=MADE_AGAIN) from error


def read_metadata(path: Path | str) -> dict[str, str]:
    """The metadata of a table: schema, version and provenance.

    Raises:
        UserError: The file is missing or damaged.
    """
    with reading(path):
        raw = pq.read_schema(path).metadata or {}
    return texts_of(raw)


def texts_of(metadata: Mapping[bytes, bytes]) -> dict[str, str]:
    """Metadata as texts; what is none keeps a mark in place of each byte that is not."""
    return {
        key.decode(errors="replace"): value.decode(errors="replace")
        for key, value in metadata.items()
        if key != b"ARROW:schema"
    }
