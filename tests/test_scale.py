"""The scale benchmark runs, at the size of a toy."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT


def printed(folder, *flags):
    command = [sys.executable, "benchmarks/scale.py", "--folder", folder, *flags]
    done = subprocess.run(map(str, command), cwd=ROOT, capture_output=True, text=True, check=True)
    assert all(line.startswith("|") for line in done.stdout.splitlines())
    assert not list(folder.iterdir())
    return done.stdout


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux says what memory is a process's own"
)
def test_samples_and_evaluation_of_a_small_split(tmp_path):
    sizes = {"videos": 12, "frames": 5, "labels": 300, "shards": 3, "processes": 2, "batches": 4}
    flags = [word for name, value in sizes.items() for word in (f"--{name}", value)]
    text = printed(tmp_path, "--only", "samples", "evaluation", "--evaluated-videos", 7, *flags)
    assert "| 12 videos, 60 frames, 300 labels on 720 x 1280 px in 3 shards;" in text
    assert "drawing 4 batches of 32" in text
    assert "evaluation of 7 videos of 5 frames" in text
