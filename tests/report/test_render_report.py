"""The script from its command line."""

import subprocess
import sys

from tests.conftest import ROOT


def run(*arguments):
    return subprocess.run(
        [sys.executable, "scripts/render_report.py", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def flags(inputs):
    return [
        "--dataset", inputs.dataset,
        "--vocabulary", inputs.vocabulary,
        "--train-frames", *inputs.train_frames,
        "--masks", *inputs.masks,
        "--labels", *inputs.labels,
        "--crops", *inputs.crops,
        "--frames", *inputs.frames,
        "--tracks", *inputs.tracks,
        "--evaluation", *(f"{name}={path}" for name, path in inputs.evaluations.items()),
        "--frames-summary", *inputs.frames_summaries,
        "--truth", inputs.truth,
        "--train-truth", inputs.train_truth,
        "--label-quality", inputs.label_quality,
        "--metrics", inputs.metrics,
        "--model", inputs.model,
        "--exports", *inputs.exports,
        "--benchmarks", inputs.benchmarks,
        "--configuration", inputs.configuration,
        "--clips", "0",
    ]  # fmt: skip


def test_script_writes_the_page(make_run, tmp_path):
    output = tmp_path / "index.html"
    done = run("--output", output, *flags(make_run()), "--title", "My run")
    assert done.returncode == 0, done.stderr
    text = output.read_text(encoding="utf-8")
    assert "<h1>My run</h1>" in text
    assert "43.2" in text
    assert "What other thresholds would give" in text


def test_a_wrong_evaluation_flag_is_named(make_run, tmp_path):
    done = run("--output", tmp_path / "i.html", *flags(make_run()), "--evaluation", "figures.json")
    assert done.returncode == 1
    assert "NAME=FILE" in done.stderr
