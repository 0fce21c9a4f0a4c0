import json
import runpy
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.exports.made import Shards, write_truth


@pytest.fixture
def words(tmp_path: Path) -> Path:
    path = tmp_path / "words.json"
    path.write_text(json.dumps({"classes": [{"id": 4, "name": "star"}, {"id": 7, "name": "ring"}]}))
    return path


def export(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, "argv", ["export_results.py", "--format", "ytvis", *map(str, arguments)])
    runpy.run_path(str(ROOT / "scripts" / "export_results.py"), run_name="__main__")


def test_labels_and_tracks_by_hand(
    shards: Shards, words: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = write_truth(tmp_path / "truth.parquet", {"a": 8, "b": 9}, {"a": 2, "b": 3})
    shared = ["--frames", *shards.frames, "--vocabulary", words, "--output", tmp_path / "out.json"]
    export(monkeypatch, "--of", "labels", "--labels", *shards.labels, "--masks", *shards.masks, *shared)
    labels = json.loads((tmp_path / "out.json").read_text())
    assert [label["video_id"] for label in labels["annotations"]] == [2, 2]
    export(monkeypatch, "--of", "tracks", "--tracks", *shards.tracks, "--truth", truth, *shared)
    tracks = json.loads((tmp_path / "out.json").read_text())
    assert [track["video_id"] for track in tracks] == [9, 9]


def test_tables_that_are_needed_are_named(
    shards: Shards,
    words: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    shared = ["--frames", *shards.frames, "--vocabulary", words, "--output", tmp_path / "out.json"]
    with pytest.raises(SystemExit):
        export(monkeypatch, "--of", "labels", *shared)
    assert "--of labels needs --labels, --masks" in caplog.text
    with pytest.raises(SystemExit):
        export(monkeypatch, "--of", "tracks", "--labels", *shards.labels, *shared)
    assert "--of tracks needs --tracks" in caplog.text
