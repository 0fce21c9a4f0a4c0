import json
import subprocess
import sys
from pathlib import Path

import numpy as np

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
    source = ["--source.kind", "videos", "--source.path", tmp_path / "videos"]
    done = script("extract_frames.py", *source, "--fps", "5", "--code-digest", "abc", *paths)
    assert done.returncode == 0, done.stderr
    assert len(read_table(table, FRAMES)) == 2
    metadata = read_metadata(table)
    assert metadata["code"] == "abc"
    assert json.loads(metadata["settings"])["fps"] == 5
    check = ["--frames", table, "--failures", ledger, "--output", tmp_path / "s.json", "--max-failed-share"]
    stopped = script("check_frames.py", *check, "0.1")
    assert stopped.returncode == 1
    assert "1 of 2 videos" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert script("check_frames.py", *check, "0.5").returncode == 0
    assert json.loads((tmp_path / "s.json").read_text())["frames"] == 2


def test_impossible_sampling_ends_with_one_message(tmp_path: Path) -> None:
    paths = ["--output", "f.parquet", "--failures", "f.json", "--image-folder", "images"]
    source = ["--source.kind", "ytvis", "--source.path", "t.json", "--source.image-root", "."]
    stopped = script("extract_frames.py", *source, "--stride", "2", *paths)
    assert stopped.returncode == 1
    assert "results follow its file_names" in stopped.stderr
    assert "Traceback" not in stopped.stderr
