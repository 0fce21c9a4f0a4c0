import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(tmp_path, *flags):
    command = [sys.executable, "scripts/make_toy.py", "--output-videos", tmp_path / "videos"]
    command += ["--truth", tmp_path / "truth.json", "--split", "test", "--test-videos", "1", *flags]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_the_script_writes_videos_and_truth(tmp_path):
    done = run(tmp_path, "--frames", "3", "--height", "64", "--width", "64")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (tmp_path / "videos").iterdir()] == ["toy-test-000.mp4"]
    assert json.loads((tmp_path / "truth.json").read_text())["videos"][0]["length"] == 3


def test_an_odd_height_is_refused_with_a_reason(tmp_path):
    done = run(tmp_path, "--height", "65")
    assert done.returncode == 1
    assert "height" in done.stderr
    assert "multiple of 2" in done.stderr
    assert not (tmp_path / "truth.json").exists()
