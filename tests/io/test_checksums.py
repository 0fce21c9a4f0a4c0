"""Bytes that rot on the disk are found by whoever reads them, and never read as something else."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import ROOT
from tests.io.test_tables import frames
from tests.training.made import frame, write_frames
from uvis_core.frames.plan_file import read_shard
from uvis_core.io.errors import UserError
from uvis_core.io.row_groups import RowGroups
from uvis_core.io.samples import check_samples
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.plan import PLAN
from uvis_core.io.tables import read_metadata, read_pieces, read_table, write_parts, write_table

ROWS, ROTTEN_BYTES = 500, 50


def noise(column: str) -> Any:
    """Numbers are such that cannot be packed, so that a damaged page is unpacked without complaint."""
    random = np.random.default_rng(0)
    if column == "frame_index":
        return random.integers(2**31, size=ROWS)
    return [random.bytes(20).hex() for _ in range(ROWS)]


def write_noise(path: Path, column: str) -> None:
    write_table(path, FRAMES, frames(("a",) * ROWS) | {column: noise(column)})


def rot(path: Path, column: str) -> None:
    """Put zeros into the middle of a column of numbers or text."""
    group = pq.ParquetFile(path).metadata.row_group(0)
    (chunk,) = (
        group.column(number)
        for number in range(group.num_columns)
        if group.column(number).path_in_schema == column
    )
    start = chunk.data_page_offset + chunk.total_compressed_size // 2
    content = bytearray(path.read_bytes())
    content[start : start + ROTTEN_BYTES] = bytes(ROTTEN_BYTES)
    path.write_bytes(content)


READERS: dict[str, Callable[[Path, str], Any]] = {
    "whole table": lambda path, column: read_table(path, FRAMES),
    "one column": lambda path, column: read_table(path, FRAMES, [column]),
    "one video": lambda path, column: read_table(path, FRAMES, video_id="a"),
    "pieces": lambda path, column: list(read_pieces(path, FRAMES, [column])),
    "batches": lambda path, column: list(RowGroups(path, FRAMES).batches([column])),
    "columns": lambda path, column: RowGroups(path, FRAMES).read([column]),
    "rows": lambda path, column: RowGroups(path, FRAMES).take(column, np.arange(3)),
}


@pytest.mark.parametrize("column", ["frame_index", "path"])
@pytest.mark.parametrize("name", READERS)
def test_a_rotten_page_is_no_part_of_a_table(tmp_path: Path, name: str, column: str) -> None:
    path = tmp_path / "t.parquet"
    write_noise(path, column)
    READERS[name](path, column)
    rot(path, column)
    with pytest.raises(UserError) as caught:
        READERS[name](path, column)
    assert str(path) in caught.value.message
    assert "delete the file" in caught.value.fix


def test_tables_that_are_written_part_by_part_have_checksums_too(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    write_parts(path, FRAMES, [frames(("a",) * ROWS) | {"frame_index": noise("frame_index")}])
    rot(path, "frame_index")
    with pytest.raises(UserError, match=r"t\.parquet"):
        read_table(path, FRAMES)


def test_a_rotten_plan_has_no_videos(tmp_path: Path) -> None:
    path = tmp_path / "plan.parquet"
    columns: dict[str, Any] = dict.fromkeys(PLAN.columns.names, [""] * ROWS)
    columns |= {name: [0] * ROWS for name in ("number", "height_px", "width_px")}
    columns |= {"shard": ["s"] * ROWS, "file_names": [[]] * ROWS, "path": noise("path")}
    write_table(path, PLAN, columns)
    assert len(read_shard(path, "s")) == ROWS
    rot(path, "path")
    with pytest.raises(UserError, match=r"plan\.parquet"):
        read_shard(path, "s")


@pytest.mark.parametrize("where", np.linspace(0, 1, 40).round(3).tolist())
def test_wherever_a_table_rots_its_rows_are_right_or_refused(tmp_path: Path, where: float) -> None:
    path = tmp_path / "t.parquet"
    write_noise(path, "frame_index")
    whole, content = read_table(path, FRAMES), bytearray(path.read_bytes())
    start = int(where * (len(content) - ROTTEN_BYTES))
    content[start : start + ROTTEN_BYTES] = bytes(ROTTEN_BYTES)
    path.write_bytes(content)
    for video in (None, "a"):
        # Of the footer, what describes a column's values may be lost without harm.
        found = read_or_refusal(path, video)
        assert found.equals(whole) if isinstance(found, pa.Table) else str(path) in found


def read_or_refusal(path: Path, video_id: str | None) -> pa.Table | str:
    try:
        return read_table(path, FRAMES, video_id=video_id)
    except UserError as error:
        return error.message


def test_metadata_of_a_table_that_cannot_be_read_names_it(tmp_path: Path) -> None:
    write_noise(tmp_path / "t.parquet", "path")
    (tmp_path / "t.parquet").write_bytes((tmp_path / "t.parquet").read_bytes()[:-ROTTEN_BYTES])
    with pytest.raises(UserError, match=r"t\.parquet: cannot be read as a table"):
        read_metadata(tmp_path / "t.parquet")
    with pytest.raises(UserError, match="no such table"):
        read_metadata(tmp_path / "none.parquet")


def test_every_reader_of_parquet_verifies_checksums() -> None:
    readers = {"read_table", "ParquetFile", "ParquetDataset", "read_pandas"}
    found = 0
    for path in sorted([*ROOT.glob("uvis_core/**/*.py"), *ROOT.glob("scripts/*.py")]):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
                continue
            owner = ast.unparse(call.func.value)
            assert call.func.attr != "read_parquet", f"{path}:{call.lineno} reads without io/tables.py"
            if owner in ("pq", "pyarrow.parquet") and call.func.attr in readers:
                given = {word.arg: ast.unparse(word.value) for word in call.keywords}
                assert given.get("page_checksum_verification") == "True", f"{path}:{call.lineno}"
                found += 1
    assert found >= 3


def samples(path: Path) -> Path:
    rows = [
        frame(video, place, "x" * 40, (4, 6), [(4, "y" * 40)]) for video in range(4) for place in range(9)
    ]
    return write_frames(path, rows, batch_rows=10)


def test_samples_are_as_they_were_written(tmp_path: Path) -> None:
    check_samples(samples(tmp_path / "s.arrow"))
    assert (tmp_path / "s.arrow").read_bytes() == samples(tmp_path / "again.arrow").read_bytes()


@pytest.mark.parametrize("batch", range(4))
def test_rotten_samples_are_refused(tmp_path: Path, batch: int) -> None:
    path = samples(tmp_path / "s.arrow")
    content = bytearray(path.read_bytes())
    places = [place for place in range(len(content) - 100) if content[place : place + 80] == b"x" * 80]
    start = places[batch * (len(places) - 1) // 3]
    content[start : start + ROTTEN_BYTES] = bytes(ROTTEN_BYTES)
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"s\.arrow: record batch \d is not as it was written") as caught:
        check_samples(path)
    assert "delete the file" in caught.value.fix


def test_samples_that_are_another_table_are_refused(tmp_path: Path) -> None:
    write_noise(tmp_path / "t.parquet", "path")
    with pytest.raises(UserError, match="cannot be read as a table"):
        check_samples(tmp_path / "t.parquet")
    with pytest.raises(UserError, match="no such table"):
        check_samples(tmp_path / "none.arrow")
