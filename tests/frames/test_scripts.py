import argparse
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import ROOT
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.tables import read_metadata, read_table
from uvis_core.io.video import write_video


def script(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "scripts" / name, *arguments]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)


def test_frames_are_extracted_and_checked_by_hand(tmp_path: Path) -> None:
    write_video(tmp_path / "videos" / "a.mp4", np.zeros((4, 32, 32, 3), dtype=np.uint8), fps=10)
    (tmp_path / "videos" / "b.mp4").write_bytes(b"broken")
    table, ledger = tmp_path / "f.parquet", tmp_path / "f.json"
    paths = ["--output", table, "--failures", ledger, "--image-folder", tmp_path / "images"]
    plan = ["--plan", tmp_path / "plan.parquet", "--shard", "shard-00-of-01"]
    source = ["--source.kind", "videos", "--source.path", tmp_path / "videos"]
    planned = script("plan_videos.py", *source, "--output", plan[1])
    assert planned.returncode == 0, planned.stderr
    assert "shard-00-of-01: 2 videos" in planned.stderr
    done = script("extract_frames.py", *plan, "--fps", "5", "--code-digest", "abc", *paths)
    assert done.returncode == 0, done.stderr
    assert len(read_table(table, FRAMES)) == 2
    metadata = read_metadata(table)
    assert metadata["code"] == "abc"
    assert json.loads(metadata["settings"])["fps"] == 5
    # The index of a plan and a pattern stand for the files of all shards.
    whole = table.rename(tmp_path / "shard-00-of-01.parquet")
    table = f"{tmp_path / 'plan.json'}:{whole.parent / '{shard}.parquet'}"
    check = ["--frames", table, "--failures", ledger, "--output", tmp_path / "s.json", "--max-failed-share"]
    stopped = script("check_frames.py", *check, "0.1")
    assert stopped.returncode == 1
    assert "1 of 2 videos" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert script("check_frames.py", *check, "0.5").returncode == 0
    assert json.loads((tmp_path / "s.json").read_text())["frames"] == 2


def test_frames_are_on_the_disk_before_a_table_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_video("videos/a.mp4", np.zeros((2, 32, 32, 3), dtype=np.uint8), fps=10)
    source = ["--source.kind", "videos", "--source.path", "videos"]
    assert script("plan_videos.py", *source, "--output", "plan.parquet").returncode == 0
    found = []
    monkeypatch.setattr(os, "sync", lambda: found.append(sorted(map(str, Path("out").rglob("*.*")))))
    main = runpy.run_path(str(ROOT / "scripts/extract_frames.py"))["main"]
    paths = {"output": "out/f.parquet", "failures": "out/f.json", "image_folder": "out/images"}
    where = {"plan": "plan.parquet", "shard": "shard-00-of-01", "workers": 1, "code_digest": ""}
    main(argparse.Namespace(**paths, **where))
    assert found == [read_table("out/f.parquet", FRAMES)["path"].to_pylist()]
