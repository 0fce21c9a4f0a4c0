from dataclasses import replace
from pathlib import Path

import pytest

from uvis_core.frames.plan import plan_shards
from uvis_core.frames.plan_file import read_shard, update_plan
from uvis_core.frames.sources import VideoEntry
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.plan import PLAN
from uvis_core.io.tables import write_table

ENTRIES = [
    *(VideoEntry(f"clip-{number}", "video", f"clips/clip-{number}.mp4", state="s") for number in range(6)),
    VideoEntry("ä", "images", "root", ("ä/0.jpg", "ä/1.jpg"), "s", 7, 720, 1280),
]


def test_each_shard_reads_its_own_videos(tmp_path: Path) -> None:
    index = update_plan(tmp_path / "train.parquet", ENTRIES, 3)
    planned = plan_shards(ENTRIES, 3)
    assert list(index) == list(planned)
    for name, entries in planned.items():
        read = read_shard(tmp_path / "train.parquet", name)
        assert read == entries
        assert index[name].videos == len(entries)


def test_a_plan_that_stays_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "train.parquet"
    update_plan(path, ENTRIES, 3)
    before = path.stat().st_mtime_ns, path.with_suffix(".json").stat().st_mtime_ns
    update_plan(path, ENTRIES, 3)
    assert (path.stat().st_mtime_ns, path.with_suffix(".json").stat().st_mtime_ns) == before


def test_one_more_video_changes_one_shard_of_the_index(tmp_path: Path) -> None:
    before = update_plan(tmp_path / "train.parquet", ENTRIES[:-1], 3)
    after = update_plan(tmp_path / "train.parquet", ENTRIES, 3)
    assert sum(before.get(name) != shard for name, shard in after.items()) == 1


@pytest.mark.parametrize("lost", ["train.parquet", "train.json"])
def test_what_is_lost_is_made_again(tmp_path: Path, lost: str) -> None:
    path = tmp_path / "train.parquet"
    index = update_plan(path, ENTRIES, 3)
    whole = path.read_bytes()
    (tmp_path / lost).unlink()
    assert update_plan(path, ENTRIES, 3) == index
    assert path.read_bytes() == whole


def test_an_unknown_shard_is_refused_naming_those_there_are(tmp_path: Path) -> None:
    update_plan(tmp_path / "train.parquet", ENTRIES[:1], 1)
    with pytest.raises(UserError, match=r"no shard 'shard-01-of-02'; its shards are shard-00-of-01"):
        read_shard(tmp_path / "train.parquet", "shard-01-of-02")


def test_a_plan_of_another_version_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "train.parquet"
    index = update_plan(path, ENTRIES, 1)
    columns = {name: [] for name in PLAN.columns.names}
    write_table(path, replace(PLAN, version="0"), columns)
    update_plan(path, ENTRIES, 1)
    assert read_shard(path, next(iter(index))) == ENTRIES


def test_a_damaged_plan_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "train.parquet"
    index = update_plan(path, ENTRIES, 1)
    path.write_bytes(b"nothing")
    update_plan(path, ENTRIES, 1)
    assert read_shard(path, next(iter(index))) == ENTRIES
