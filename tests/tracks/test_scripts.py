import runpy
import sys

import pytest

from tests.conftest import GOLDENS, ROOT
from tests.model.tiny import TINY
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.tables import read_metadata, read_table
from uvis_core.model.checkpoint import read_config


def call(script, monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", [script, *map(str, arguments)])
    runpy.run_path(str(ROOT / "scripts" / script), run_name="__main__")


def test_track_twice(tmp_path, frames, checkpoint, monkeypatch):
    table = tmp_path / "tracks.parquet"
    flags = ["--short-side-px", 32, "--device", "cpu", "--workers", 0, "--code-digest", "abc"]
    call(
        "track_videos.py",
        monkeypatch,
        "--frames",
        frames,
        "--checkpoint",
        checkpoint,
        "--output",
        table,
        *flags,
    )
    assert set(read_table(table, TRACKS)["video_id"].to_pylist()) == {"a", "b"}
    assert read_metadata(table)["code"] == "abc"
    first = table.read_bytes()
    call(
        "track_videos.py",
        monkeypatch,
        "--frames",
        frames,
        "--checkpoint",
        checkpoint,
        "--output",
        table,
        *flags,
    )
    assert table.read_bytes() == first


@pytest.mark.parametrize(
    ("tracker", "named"),
    [("memory", "--checkpoint"), ("clip", "--checkpoint"), ("deepsort", "--labels, --masks, --crops")],
)
def test_tracker_without_its_files_is_refused(tmp_path, frames, monkeypatch, caplog, tracker, named):
    with pytest.raises(SystemExit) as caught:
        call(
            "track_videos.py",
            monkeypatch,
            "--frames",
            frames,
            "--output",
            tmp_path / "x.parquet",
            "--tracker",
            tracker,
        )
    assert caught.value.code == 1
    assert f"tracker {tracker} needs {named}" in caplog.text


@pytest.mark.parametrize(("source", "classes"), [("minvis", 40), ("videocutler", 1)])
def test_convert(tmp_path, monkeypatch, source, classes):
    golden = GOLDENS / source / "small" / "checkpoint.pth"
    call(
        "convert_checkpoint.py",
        monkeypatch,
        "--source",
        source,
        "--checkpoint",
        golden,
        "--output",
        tmp_path,
    )
    settings, class_ids, recipe = read_config(tmp_path / "model.safetensors")
    assert (recipe, class_ids) == (source, tuple(range(1, classes + 1)))
    assert settings != TINY
