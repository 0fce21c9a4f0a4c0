"""Checks on tables that were read: their schema, their values, and what stands in their metadata."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from uvis_core.io.errors import UserError
from uvis_core.io.schemas.base import TableSchema

FINITE_PIECE = 2**20
MADE_AGAIN = "delete the file and run the workflow again; its stage makes it anew"


def check_schema(path: Path | str, found: pa.Schema, schema: TableSchema) -> None:
    """Refuse a file that is of another schema, of a version that is not known here, or that lacks a column.

    Args:
        path: The file, for the message.
        found: What it holds, its metadata included; further columns are allowed.
        schema: What it is to hold.

    Raises:
        UserError: It does not.
    """
    metadata = found.metadata or {}
    name, version = (
        metadata.get(key, b"none").decode(errors="replace") for key in (b"schema", b"schema_version")
    )
    if (name, version) != (schema.name, schema.version):
        raise UserError(
            f"{path}: holds schema {name!r} version {version!r}, not {schema.name!r} version {schema.version!r}",
            fix=MADE_AGAIN
            if name == schema.name
            else f"give a table of {schema.name} that the workflow has made",
        )
    for field in schema.columns:
        place = found.get_field_index(field.name)
        if place < 0:
            raise UserError(f"{path}: has no single column {field.name}", fix=MADE_AGAIN)
        kind = found.field(place).type
        # The length of vectors is that of the model that made them.
        same = kind == field.type or (
            field.name == schema.vector
            and pa.types.is_fixed_size_list(kind)
            and kind.value_type == field.type.value_type
        )
        if not same:
            raise UserError(f"{path}: column {field.name} holds {kind}, not {field.type}", fix=MADE_AGAIN)


def check_values(path: Path | str, table: pa.Table | pa.RecordBatch) -> None:
    """Refuse columns with a null, NaN or infinity, which no stage writes, and damage that the format does not notice.

    Raises:
        UserError: Names the file and the column.
    """
    try:
        # Texts that are none in UTF-8, and lists that reach beyond their values.
        table.validate(full=True)
    except pa.ArrowInvalid as error:
        raise UserError(f"{path}: is damaged ({error})", fix=MADE_AGAIN) from error
    for name in table.schema.names:
        if table[name].null_count:
            raise UserError(f"{path}: column {name} holds {table[name].null_count} nulls", fix=MADE_AGAIN)
        if not is_finite(table[name]):
            raise UserError(f"{path}: column {name} holds a value that is not finite", fix=MADE_AGAIN)


def is_finite(values: pa.Array | pa.ChunkedArray) -> bool:
    """Whether no number in an array, its lists and its structs is NaN or infinite."""
    if isinstance(values, pa.ChunkedArray):
        return all(is_finite(chunk) for chunk in values.chunks)
    if pa.types.is_list(values.type) or pa.types.is_fixed_size_list(values.type):
        return is_finite(values.flatten())
    if pa.types.is_struct(values.type):
        return all(is_finite(part) for part in values.flatten())
    pieces = (values.slice(start, FINITE_PIECE) for start in range(0, len(values), FINITE_PIECE))
    return not pa.types.is_floating(values.type) or all(
        np.isfinite(piece.to_numpy(zero_copy_only=False)).all() for piece in pieces
    )


def json_entry(path: Path | str, metadata: Mapping[str, str], key: str, kind: type) -> Any:
    """What stands as JSON under a key of a table's metadata.

    Raises:
        UserError: There is no such key, or it holds no JSON of this kind.
    """
    try:
        value = json.loads(metadata[key])
    except (KeyError, ValueError, RecursionError):
        value = None
    if not isinstance(value, kind):
        raise UserError(f"{path}: its metadata hold no usable {key!r}", fix=MADE_AGAIN)
    return value


def class_names(path: Path | str, metadata: Mapping[str, str], key: str) -> dict[int, str]:
    """Names of classes by id, in the order of the ids, from a table's metadata.

    Raises:
        UserError: As ``json_entry``.
    """
    names = json_entry(path, metadata, key, dict)
    if not all(number.lstrip("-").isdecimal() for number in names):
        raise UserError(f"{path}: its metadata hold no usable {key!r}", fix=MADE_AGAIN)
    return dict(sorted((int(number), name) for number, name in names.items()))
