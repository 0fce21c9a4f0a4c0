from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.io.test_tables import frames
from uvis_core.io.errors import UserError
from uvis_core.io.row_groups import RowGroups, rows_by_video
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.tables import ROW_GROUP_ROWS, write_table

ROWS = 2 * ROW_GROUP_ROWS + 5


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tables") / "t.parquet"
    write_table(path, FRAMES, frames(tuple(f"v{row}" for row in range(ROWS))))
    return path


@pytest.mark.parametrize("count", [0, 1, 7, 3 * ROW_GROUP_ROWS])
def test_rows_are_taken_in_the_order_asked_for(path: Path, count: int) -> None:
    rows = np.random.default_rng(count).integers(0, ROWS, count)
    assert RowGroups(path, FRAMES).take("path", rows).to_pylist() == [f"v{row}.jpg" for row in rows]


def test_parts_that_are_still_there_are_those_asked_for(path: Path) -> None:
    table = RowGroups(path, FRAMES)
    for rows in ([3, 1], [1, ROW_GROUP_ROWS], [ROW_GROUP_ROWS + 1, 7], [ROW_GROUP_ROWS]):
        assert table.take("path", np.array(rows)).to_pylist() == [f"v{row}.jpg" for row in rows]
        assert table.take("video_id", np.array(rows)).to_pylist() == [f"v{row}" for row in rows]


def test_videos_come_with_their_rows_in_order() -> None:
    names = pa.chunked_array([["b", "a", "b"], ["c", "a"]])
    found = dict(rows_by_video(names, np.array([1, 0, 0, 5, 0]), np.array([0, 9, 0, 0, 3])))
    assert {name: rows.tolist() for name, rows in found.items()} == {"b": [2, 0], "a": [4, 1], "c": [3]}
    assert list(rows_by_video(names.slice(0, 0), np.zeros(0))) == []


def test_batches_and_columns_hold_all_rows(path: Path) -> None:
    table = RowGroups(path, FRAMES)
    batches = list(table.batches(["frame_index", "video_id"]))
    assert [number for batch in batches for number in batch["frame_index"].to_pylist()] == list(range(ROWS))
    assert [name for batch in batches for name in batch["video_id"].to_pylist()] == [
        f"v{row}" for row in range(ROWS)
    ]
    assert table.read(["frame_index"])["frame_index"].to_pylist() == list(range(ROWS))


def test_an_empty_table_has_no_rows(tmp_path: Path) -> None:
    write_table(tmp_path / "t.parquet", FRAMES, frames(()))
    table = RowGroups(tmp_path / "t.parquet", FRAMES)
    assert table.take("path", np.zeros(0, np.int64)).to_pylist() == []
    assert sum(map(len, table.batches(["path"]))) == len(table.read(["video_id"])) == 0


def test_what_is_no_such_table_is_refused(path: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such table"):
        RowGroups(tmp_path / "t.parquet", FRAMES)
    with pytest.raises(UserError, match="holds schema 'frames' version '1', not 'tracks'"):
        RowGroups(path, TRACKS)
    (tmp_path / "t.parquet").write_bytes(path.read_bytes()[:-50])
    with pytest.raises(UserError, match="cannot be read as a table"):
        RowGroups(tmp_path / "t.parquet", FRAMES)


def test_a_damaged_part_is_named_when_it_is_read(path: Path, tmp_path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4 : len(content) // 2] = bytes(len(content) // 2 - 4)
    (tmp_path / "t.parquet").write_bytes(content)
    table = RowGroups(tmp_path / "t.parquet", FRAMES)
    with pytest.raises(UserError, match="cannot be read as a table"):
        table.take("path", np.arange(3))
