import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from uvis_core.frames.plan import PlannedShard, write_index
from uvis_core.leftovers import find_leftovers, leftovers_text

PLANS = {"train": {"shard-00-of-03": PlannedShard(1, "d")}}
OLD = (
    "masks/train/shard-00-of-02.parquet",
    "labels/full/train/shard-01-of-02.parquet",
    "masks/test/shard-00-of-03.parquet",
    "frames/failures/train/shard-00-of-02.json",
    "benchmarks/masks/train/shard-00-of-02.tsv",
)
KEPT = (
    "masks/train/shard-00-of-03.parquet",
    "masks/train/notes-of-02.parquet",
    "images/train/v/shard-00-of-02.parquet",
)


def made(folder: Path) -> Path:
    for name in (*OLD, *KEPT):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_tables_of_other_shards_are_found_and_named(tmp_path: Path) -> None:
    found = find_leftovers(made(tmp_path), PLANS)
    assert {path.relative_to(tmp_path).as_posix() for path in found} == set(OLD)
    text = leftovers_text(found)
    assert "5 files" in text
    assert "leftovers" in text
    assert str(found[0]) in text


def test_the_script_removes_them_and_nothing_else(tmp_path: Path) -> None:
    made(tmp_path / "results")
    write_index(tmp_path / "train.json", PLANS["train"])
    command = [
        sys.executable,
        ROOT / "scripts/remove_leftovers.py",
        "--results",
        tmp_path / "results",
        "--plans",
    ]
    refused = subprocess.run([*command, tmp_path / "nowhere.json"], capture_output=True, text=True)
    assert refused.returncode == 1
    assert "nothing is removed" in refused.stderr
    done = subprocess.run([*command, tmp_path / "train.json"], capture_output=True, text=True, check=True)
    assert "5 files removed" in done.stdout
    left = {
        p.relative_to(tmp_path / "results").as_posix()
        for p in (tmp_path / "results").rglob("*")
        if p.is_file()
    }
    assert left == set(KEPT)


def test_a_folder_that_does_not_exist_has_none(tmp_path: Path) -> None:
    assert find_leftovers(tmp_path / "nowhere", PLANS) == []
