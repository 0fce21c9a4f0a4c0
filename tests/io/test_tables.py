import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from uvis_core.io.errors import MachineError, UserError
from uvis_core.io.row_groups import RowGroups
from uvis_core.io.schemas.base import TableSchema
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.schemas.plan import PLAN
from uvis_core.io.schemas.prototypes import PROTOTYPES
from uvis_core.io.schemas.samples import SAMPLES
from uvis_core.io.schemas.similarities import SIMILARITIES
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.schemas.truth import TRUTH
from uvis_core.io.tables import (
    ROW_GROUP_ROWS,
    embedding_array,
    embedding_matrix,
    fixed_lists,
    read_metadata,
    read_pieces,
    read_table,
    reading,
    write_parts,
    write_table,
)


def frames(videos: tuple[str, ...] = ("a", "b")) -> dict[str, Any]:
    count = len(videos)
    return {
        "video_id": list(videos),
        "frame_index": list(range(count)),
        "path": [f"{video}.jpg" for video in videos],
        "height_px": [4] * count,
        "width_px": [6] * count,
        "timestamp_s": [0.5] * count,
    }


def test_rows_come_back_with_provenance(tmp_path: Path) -> None:
    write_table(tmp_path / "t.parquet", FRAMES, frames(), {"code": "abc"})
    assert read_table(tmp_path / "t.parquet", FRAMES).to_pydict() == frames()
    metadata = read_metadata(tmp_path / "t.parquet")
    assert metadata == {"schema": "frames", "schema_version": "1", "code": "abc"}


def test_one_video_and_some_columns_can_be_read_alone(tmp_path: Path) -> None:
    write_table(tmp_path / "t.parquet", FRAMES, frames(("a", "b", "a")))
    table = read_table(tmp_path / "t.parquet", FRAMES, ["frame_index"], video_id="a")
    assert table.to_pydict() == {"frame_index": [0, 2]}


def test_units_stand_in_the_schema() -> None:
    assert FRAMES.columns.field("timestamp_s").metadata == {b"unit": b"second"}


@pytest.mark.parametrize(
    "schema",
    [FRAMES, MASKS, CROPS, PROTOTYPES, SIMILARITIES, LABELS, PLAN, SAMPLES, TRACKS, TRUTH],
    ids=lambda s: s.name,
)
def test_no_column_takes_nulls(schema: TableSchema) -> None:
    assert not any(field.nullable for field in schema.columns)


def test_parts_become_row_groups_of_one_table(tmp_path: Path) -> None:
    parts = [frames(("a", "b")), frames(("c",))]
    write_parts(tmp_path / "t.parquet", FRAMES, parts, {"code": "abc"})
    whole = frames(("a", "b", "c")) | {"frame_index": [0, 1, 0]}
    write_table(tmp_path / "whole.parquet", FRAMES, whole, {"code": "abc"})
    assert read_table(tmp_path / "t.parquet", FRAMES) == read_table(tmp_path / "whole.parquet", FRAMES)
    assert read_metadata(tmp_path / "t.parquet") == read_metadata(tmp_path / "whole.parquet")
    assert pq.ParquetFile(tmp_path / "t.parquet").metadata.num_row_groups == 2
    with pytest.raises(ValueError, match="1 nulls"):
        write_parts(tmp_path / "t.parquet", FRAMES, [frames(), frames() | {"video_id": ["a", None]}])
    assert len(read_table(tmp_path / "t.parquet", FRAMES)) == 3


def test_equal_rows_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_table(tmp_path / name, FRAMES, frames(), {"seed": "1"})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"video_id": ["a", None]}, ValueError, "video_id holds 1 nulls"),
        (
            {"timestamp_s": [0.0, float("nan")]},
            UserError,
            r"t\.parquet: .*column timestamp_s holds a value that is not finite",
        ),
        ({"timestamp_s": [0.0, float("inf")]}, UserError, "not finite"),
        ({"colour": ["red", "blue"]}, ValueError, "colour"),
    ],
)
def test_bad_columns_are_refused(
    tmp_path: Path, change: dict[str, Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        write_table(tmp_path / "t.parquet", FRAMES, frames() | change)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_column_is_refused(tmp_path: Path) -> None:
    columns = frames()
    del columns["path"]
    with pytest.raises(ValueError, match="path"):
        write_table(tmp_path / "t.parquet", FRAMES, columns)


def test_another_schema_is_refused(tmp_path: Path) -> None:
    write_table(tmp_path / "t.parquet", FRAMES, frames())
    with pytest.raises(UserError, match="'frames' version '1', not 'masks'"):
        read_table(tmp_path / "t.parquet", MASKS)


@pytest.mark.parametrize("version", [b"2", b"0", b""])
def test_an_unknown_version_is_refused(tmp_path: Path, version: bytes) -> None:
    write_table(tmp_path / "t.parquet", FRAMES, frames())
    table = pq.read_table(tmp_path / "t.parquet")
    metadata = {**(table.schema.metadata or {}), b"schema_version": version}
    pq.write_table(table.replace_schema_metadata(metadata), tmp_path / "t.parquet")
    with pytest.raises(UserError, match="version"):
        read_table(tmp_path / "t.parquet", FRAMES)


def test_a_foreign_parquet_file_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1]}), tmp_path / "t.parquet")
    with pytest.raises(UserError, match="'none'"):
        read_table(tmp_path / "t.parquet", FRAMES)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.95])
def test_a_cut_file_is_refused(tmp_path: Path, share: float) -> None:
    write_table(tmp_path / "t.parquet", FRAMES, frames())
    whole = (tmp_path / "t.parquet").read_bytes()
    (tmp_path / "t.parquet").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(UserError, match="cannot be read"):
        read_table(tmp_path / "t.parquet", FRAMES)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such table"):
        read_table(tmp_path / "t.parquet", FRAMES)


@pytest.mark.parametrize(
    ("error", "fix"),
    [
        (OSError(errno.EIO, "Input/output error"), "look at the disk"),
        (PermissionError(errno.EACCES, "Permission denied"), "give permission"),
        (MemoryError(), "more memory"),
        (pa.ArrowMemoryError("malloc of size 64 failed"), "more memory"),
    ],
    ids=["disk", "permission", "memory", "memory of Arrow"],
)
def test_a_fault_of_the_machine_asks_nobody_to_delete_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, fix: str
) -> None:
    def fail(*_arguments: object, **_keywords: object) -> None:
        raise error

    write_table(tmp_path / "t.parquet", FRAMES, frames())
    for step, video_id in (("read_schema", None), ("ParquetFile", None), ("read_table", "a")):
        with monkeypatch.context() as patch:
            patch.setattr(pq, step, fail)
            with pytest.raises(MachineError, match=r"t\.parquet: cannot be read") as caught:
                read_table(tmp_path / "t.parquet", FRAMES, video_id=video_id)
        assert fix in caught.value.fix
        assert "delete" not in caught.value.fix


@given(
    arrays(np.float16, array_shapes(min_dims=2, max_dims=2, max_side=6), elements=st.floats(-1, 1, width=16))
)
def test_embeddings_survive_in_half_precision(embeddings: np.ndarray) -> None:
    matrix = embedding_matrix(embedding_array(embeddings))
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix, embeddings.astype(np.float32))


def test_vectors_in_chunks_and_slices_are_read_right() -> None:
    column = embedding_array(np.arange(6).reshape(3, 2))
    np.testing.assert_array_equal(
        embedding_matrix(pa.chunked_array([column.slice(1), column])),
        [[2, 3], [4, 5], [0, 1], [2, 3], [4, 5]],
    )
    np.testing.assert_array_equal(embedding_matrix(column.slice(1, 1)), [[2, 3]])


@pytest.mark.parametrize("width", [1, 5])
def test_prototypes_of_any_width_and_none_can_be_stored(tmp_path: Path, width: int) -> None:
    columns = {
        "class_id": [],
        "prototype_id": [],
        "centroid": fixed_lists(np.zeros((0, width)), pa.float32()),
        "members": [],
        "mean_similarity": [],
    }
    write_table(tmp_path / "t.parquet", PROTOTYPES, columns)
    assert embedding_matrix(read_table(tmp_path / "t.parquet", PROTOTYPES)["centroid"]).shape == (0, width)


NAN = float("nan")
BOX = [0.0, 0.0, 1.0, 1.0]
OBJECT = {
    "object_id": "1",
    "class_id": 1,
    "crowd": False,
    "mean_area_px": 1.0,
    "occlusion": -1.0,
    "frame_index": [0],
    "rle_counts": ["04"],
}


@pytest.mark.parametrize(
    ("schema", "column", "value"),
    [
        (MASKS, "box_xyxy_px", [0.0, NAN, 1.0, 1.0]),
        (CROPS, "top_cosines", [NAN]),
        (CROPS, "embedding", fixed_lists(np.array([[0.5, np.inf]]), pa.float16())),
        (PROTOTYPES, "centroid", fixed_lists(np.array([[NAN, 0.0]]), pa.float32())),
        (TRUTH, "objects", [OBJECT | {"mean_area_px": NAN}]),
    ],
    ids=["box", "cosines", "embedding", "centroid", "struct"],
)
def test_no_number_inside_lists_and_structs_may_be_nan(
    tmp_path: Path, schema: TableSchema, column: str, value: Any
) -> None:
    plain = {"string": "a", "int32": 1, "int64": 1, "float": 0.5, "double": 0.5, "bool": True}
    columns: dict[str, Any] = {
        field.name: [plain.get(str(field.type), [])]
        for field in schema.columns
        if field.name != schema.vector
    }
    if schema is MASKS:
        columns["box_xyxy_px"] = [BOX]
    if schema.vector:
        columns[schema.vector] = fixed_lists(
            np.zeros((1, 2)), pa.float16() if schema is CROPS else pa.float32()
        )
    write_table(tmp_path / "good.parquet", schema, columns)
    columns[column] = value if isinstance(value, pa.Array) else [value]
    with pytest.raises(UserError, match=f"{column} holds a value that is not finite"):
        write_table(tmp_path / "bad.parquet", schema, columns)
    assert not (tmp_path / "bad.parquet").exists()


def prototypes(centroid: pa.Array | pa.ChunkedArray) -> dict[str, Any]:
    count = len(centroid)
    return {
        "class_id": [1] * count,
        "prototype_id": list(range(count)),
        "centroid": centroid,
        "members": [1] * count,
        "mean_similarity": [0.5] * count,
    }


def test_vectors_are_looked_through_in_all_chunks_and_in_no_row_that_is_cut_off(tmp_path: Path) -> None:
    good, bad = (fixed_lists(np.array([[0.0, last]]), pa.float32()) for last in (1.0, NAN))
    with pytest.raises(UserError, match="centroid holds a value that is not finite"):
        write_table(tmp_path / "t.parquet", PROTOTYPES, prototypes(pa.chunked_array([good, bad])))
    cut_off = pa.concat_arrays([bad, good, good]).slice(1)
    write_table(tmp_path / "t.parquet", PROTOTYPES, prototypes(cut_off))
    assert read_table(tmp_path / "t.parquet", PROTOTYPES)["centroid"].to_pylist() == [[0, 1], [0, 1]]


def test_pieces_are_the_table_in_order(tmp_path: Path) -> None:
    count = 2 * ROW_GROUP_ROWS + 3
    columns = {
        "mask_id": np.arange(count),
        "class_id": [1] * count,
        "prototype_id": [0] * count,
        "similarity": np.linspace(0, 1, count),
    }
    write_table(tmp_path / "long.parquet", SIMILARITIES, columns)
    pieces = list(read_pieces(tmp_path / "long.parquet", SIMILARITIES, ["mask_id", "similarity"]))
    assert [len(piece) for piece in pieces] == [ROW_GROUP_ROWS, ROW_GROUP_ROWS, 3]
    whole = read_table(tmp_path / "long.parquet", SIMILARITIES, ["mask_id", "similarity"])
    assert pa.concat_tables(pieces).equals(whole)


def test_a_table_without_rows_is_one_piece(tmp_path: Path) -> None:
    empty = {name: [] for name in SIMILARITIES.columns.names}
    write_table(tmp_path / "empty.parquet", SIMILARITIES, empty)
    (piece,) = read_pieces(tmp_path / "empty.parquet", SIMILARITIES, ["mask_id"])
    assert (len(piece), piece.column_names) == (0, ["mask_id"])
    with pytest.raises(UserError, match="no such table"):
        list(read_pieces(tmp_path / "none.parquet", SIMILARITIES, ["mask_id"]))


def text_that_is_none(count: int) -> pa.Array:
    """Texts of one byte, which UTF-8 does not have."""
    offsets = np.arange(count + 1, dtype=np.int32)
    return pa.Array.from_buffers(
        pa.string(), count, [None, pa.py_buffer(offsets), pa.py_buffer(b"\x80" * count)]
    )


@pytest.mark.parametrize("read", [read_table, lambda path, schema: RowGroups(path, schema).read(["path"])])
def test_a_text_that_is_none_is_named(tmp_path: Path, read: Callable[..., Any]) -> None:
    path = tmp_path / "t.parquet"
    write_table(path, FRAMES, frames() | {"path": text_that_is_none(2)})
    with pytest.raises(UserError, match=r"t\.parquet: is damaged \(.*UTF8"):
        read(path, FRAMES)


@pytest.mark.parametrize("name", [b"\x80ideo_id", b"another1"], ids=["no text", "another name"])
@pytest.mark.parametrize("read", [read_table, RowGroups])
def test_a_damaged_name_of_a_column_is_no_traceback(
    tmp_path: Path, read: Callable[..., Any], name: bytes
) -> None:
    path = tmp_path / "t.parquet"
    write_table(path, FRAMES, frames())
    path.write_bytes(path.read_bytes().replace(b"video_id", name))
    with pytest.raises(UserError, match=r"t\.parquet: "):
        read(path, FRAMES)


def test_a_fault_of_the_disk_is_not_taken_for_damage(tmp_path: Path) -> None:
    with (
        pytest.raises(MachineError, match=r"t\.parquet: cannot be read \(Input/output error\)"),
        reading("t.parquet"),
    ):
        raise OSError(errno.EIO, "Input/output error")
