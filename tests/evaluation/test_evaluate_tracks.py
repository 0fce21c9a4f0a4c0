"""The command, run as by hand."""

import json
import subprocess
import sys

import pytest

from tests.cases import annotation, box_mask, prediction, truth, write
from tests.conftest import ROOT


@pytest.fixture
def run(tmp_path):
    def command(results, *flags):
        track = [box_mask(0, 0), None]
        known = write(tmp_path, "truth.json", truth([annotation(track)]))
        predictions = write(tmp_path, "results.json", results)
        files = ["--ground-truth", known, "--predictions", predictions, "--output", tmp_path / "figures.json"]
        return subprocess.run(
            [sys.executable, "scripts/evaluate_tracks.py", *map(str, files), *flags],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    return command


@pytest.mark.parametrize(("flags", "ap"), [(["--class-agnostic"], 1.0), (["--class-agnostic", "false"], 0.0)])
def test_writes_figures_and_prints_a_table(run, tmp_path, flags, ap):
    done = run([prediction([box_mask(0, 0), None], class_id=2)], *flags)
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["AP"] == pytest.approx(ap)
    assert figures["class_agnostic"] is bool(ap)
    assert done.stdout.split()[:3] == ["AP", "AP50", "AP75"]


def test_only_the_figures_of_the_protocol(run, tmp_path):
    done = run([prediction([box_mask(0, 0), None])], "--only-ap")
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["AP"] == pytest.approx(1.0)
    assert "HOTA" not in figures
    assert "confusion" not in figures
    assert done.stdout.split()[:3] == ["AP", "AP50", "AP75"]
    assert "HOTA" not in done.stdout


def test_bad_input_ends_with_a_message_and_no_output(run, tmp_path):
    done = run([prediction([box_mask(0, 0), None], score=float("nan"))])
    assert done.returncode == 1
    assert "results.json: not valid json after 0 entries" in done.stderr
    assert "NaN" in done.stderr
    assert "fix:" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "figures.json").exists()
