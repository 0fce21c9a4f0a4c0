"""The command, run as by hand."""

import subprocess
import sys

from tests.cases import annotation, box_mask, truth, video, write
from tests.conftest import ROOT
from uvis_core.io.annotations.table import read_truth_table
from uvis_core.io.schemas.plan import PLAN
from uvis_core.io.tables import read_metadata, write_table


def run(*arguments):
    command = [sys.executable, "scripts/read_truth.py", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def plan(path, names):
    plain = {"string": "", "int64": 0}
    columns = {field.name: [plain.get(str(field.type), [])] * len(names) for field in PLAN.columns}
    write_table(path, PLAN, columns | {"video_id": names, "file_names": [[]] * len(names)})
    return path


def test_the_videos_of_the_plan_are_written(tmp_path):
    content = truth([annotation([box_mask(0, 0), None])], videos=[video(1), video(2)])
    known = write(tmp_path, "truth.json", content)
    output = tmp_path / "truth.parquet"
    flags = ["--annotations", known, "--output", output, "--code-digest", "abc"]
    done = run(*flags)
    assert done.returncode == 0, done.stderr
    assert list(read_truth_table(output).by_name) == ["1", "2"]
    assert read_metadata(output)["code"] == "abc"
    done = run(*flags, "--plan", plan(tmp_path / "plan.parquet", ["1"]))
    assert done.returncode == 0, done.stderr
    assert list(read_truth_table(output).by_name) == ["1"]
    done = run(*flags, "--plan", plan(tmp_path / "plan.parquet", ["3"]))
    assert done.returncode == 1
    assert "lacks 1 of the videos, such as ['3']" in done.stderr
