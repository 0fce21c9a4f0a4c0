import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest

from uvis_core.frames.plan import PlannedShard, write_index
from uvis_core.io.errors import UserError
from uvis_core.jobs import add_runtime, check_outputs, run_job, shard_files


@pytest.fixture
def index(tmp_path: Path) -> str:
    names = ("shard-00-of-02", "shard-01-of-02")
    write_index(tmp_path / "train.json", {name: PlannedShard(1, "d") for name in names})
    return str(tmp_path / "train.json")


def test_a_plan_and_a_pattern_stand_for_the_files_of_all_shards(index: str) -> None:
    assert shard_files(["a.parquet", f"{index}:masks/{{shard}}.parquet", "n=b.json", "c.json:d"]) == [
        "a.parquet",
        "masks/shard-00-of-02.parquet",
        "masks/shard-01-of-02.parquet",
        "n=b.json",
        "c.json:d",
    ]


def test_a_plan_that_is_missing_is_named() -> None:
    with pytest.raises(UserError, match=r"nowhere\.json: no such file"):
        shard_files(["nowhere.json:masks/{shard}.parquet"])


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> argparse.Namespace:
    """Run a job that takes a list of files and gives back what it was called with."""
    parser = argparse.ArgumentParser(prog="job")
    parser.add_argument("--masks", nargs="+")
    add_runtime(parser, batch_size=8)
    monkeypatch.setattr("sys.argv", ["job", *arguments])
    seen: list[argparse.Namespace] = []
    run_job(seen.append, parser)
    return seen[0]


def test_a_job_gets_every_file_and_its_runtime(index: str, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = run(monkeypatch, "--masks", f"{index}:m/{{shard}}.parquet", "--batch-size", "2")
    assert arguments.masks == ["m/shard-00-of-02.parquet", "m/shard-01-of-02.parquet"]
    assert (arguments.batch_size, arguments.workers, arguments.device) == (2, 1, "auto")


def test_memory_of_a_device_is_noted_only_where_one_was_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "device.json"
    monkeypatch.setattr("uvis_core.jobs._peak_device_mb", lambda: 0.0)
    run(monkeypatch, "--device-memory", str(note))
    assert not note.exists()
    monkeypatch.setattr("uvis_core.jobs._peak_device_mb", lambda: 12.5)
    run(monkeypatch, "--device-memory", str(note))
    assert json.loads(note.read_text()) == {"peak_device_mb": 12.5}


def test_a_users_mistake_ends_with_status_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(monkeypatch, "--masks", "nowhere.json:{shard}")
    assert stopped.value.code == 1


def test_a_file_given_twice_is_named(index: str) -> None:
    with pytest.raises(UserError, match=r"shard-00-of-02\.parquet: given 2 times"):
        shard_files([f"{index}:{{shard}}.parquet", "shard-00-of-02.parquet"])


@pytest.mark.parametrize("name", ["output", "markdown", "output_folder", "image_folder"])
def test_an_output_inside_a_file_is_refused_before_the_work(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    check_outputs(argparse.Namespace(**{name: tmp_path / "new" / "x"}))
    with pytest.raises(UserError, match=r"cannot be written, as .*file is a file"):
        check_outputs(argparse.Namespace(**{name: tmp_path / "file" / "x"}))


def test_a_folder_to_write_into_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    check_outputs(argparse.Namespace(output=tmp_path / "file", output_folder=tmp_path))
    with pytest.raises(UserError, match="is a file"):
        check_outputs(argparse.Namespace(output_folder=tmp_path / "file"))


def test_a_name_cannot_steer_the_terminal_that_shows_the_log() -> None:
    code = (
        "import argparse, logging\n"
        "from uvis_core.jobs import log, run_job\n"
        "run_job(lambda _: log.warning('%s: odd', '\\x1b[2Jclip\\u202e.mp4'), argparse.ArgumentParser(prog='job'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert r"\x1b[2Jclip\u202e.mp4: odd" in done.stderr
    assert "\x1b" not in done.stderr
