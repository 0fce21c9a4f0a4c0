"""The command, run as by hand."""

import json
import subprocess
import sys

from tests.conftest import ROOT


def test_writes_tables_and_markdown(tmp_path):
    for seed, ap in enumerate((0.2, 0.3)):
        (tmp_path / f"{seed}.json").write_text(json.dumps({"AP": ap}))
    command = [sys.executable, "scripts/make_tables.py", "--dataset", "toy"]
    command += [
        "--published",
        "uvis_core/comparison/published.json",
        "--output",
        str(tmp_path / "tables.json"),
    ]
    command += ["--figures", *(f"uvis={tmp_path}/{seed}.json" for seed in (0, 1))]
    command += ["--markdown", str(tmp_path / "tables.md"), "--ablation", "{A6: uvis}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    content = json.loads((tmp_path / "tables.json").read_text())
    assert content["dataset"] == "toy"
    (ablation,) = (table for table in content["tables"] if table["name"] == "ablation")
    assert ablation["rows"][-1]["figures"]["AP"]["mean"] == 25.0
    assert "25.0 ± 7.1" in (tmp_path / "tables.md").read_text()
