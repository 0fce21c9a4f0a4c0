"""What the schemas of all tables are made of."""

from dataclasses import dataclass

import pyarrow as pa

WIDTH_UNKNOWN = -1


@dataclass(frozen=True)
class TableSchema:
    """Name, version and columns of one kind of table.

    Attributes:
        name: Stands in the metadata of every file.
        columns: Fields in order, none of them nullable, units in their metadata.
        version: Raised when columns change their meaning; readers refuse any other.
        vector: The column whose fixed length is that of the embedding model, known only when a table is written.
    """

    name: str
    columns: pa.Schema
    version: str = "1"
    vector: str | None = None


def column(name: str, kind: pa.DataType, unit: str = "") -> pa.Field:
    """A field without nulls; the unit, if any, goes into its metadata."""
    return pa.field(name, kind, nullable=False, metadata={"unit": unit} if unit else None)


def list_of(kind: pa.DataType, length: int | None = None) -> pa.DataType:
    """Lists without nulls, all of one length if it is given."""
    element = pa.field("element", kind, nullable=False)
    return pa.list_(element) if length is None else pa.list_(element, length)


def mask_key() -> list[pa.Field]:
    """What a mask is known by, and where it is."""
    return [column("mask_id", pa.int64()), column("video_id", pa.string()), column("frame_index", pa.int32())]


def frame_size() -> list[pa.Field]:
    """Height and width in pixels."""
    return [column("height_px", pa.int32(), "pixel"), column("width_px", pa.int32(), "pixel")]
