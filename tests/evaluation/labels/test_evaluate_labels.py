"""The command, run as by hand."""

import json
import subprocess
import sys

from tests.cases import annotation, box_mask, truth, write
from tests.conftest import ROOT
from tests.evaluation.labels.labelled import Label, write_shard


def test_writes_figures_and_prints_a_table(tmp_path):
    labels, masks = write_shard(tmp_path, [Label(0, 1, box_mask(0, 0))])
    known = write(tmp_path, "truth.json", truth([annotation([box_mask(0, 0), None])]))
    words = write(tmp_path, "words.json", {"classes": [{"id": 1, "name": "class 1"}]})
    files = ["--labels", labels, "--masks", masks, "--truth", known, "--vocabulary", words]
    output = tmp_path / "figures.json"
    command = [sys.executable, "scripts/evaluate_labels.py", *map(str, files), "--output", str(output)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(output.read_text())["mF1"] == 1.0
    assert done.stdout.splitlines()[-1].split()[-4:] == ["100.0", "100.0", "100.0", "1"]
