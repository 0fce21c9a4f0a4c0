"""The script from its command line."""

import subprocess
import sys
from pathlib import Path

from tests.comparison.test_page import BOTH
from tests.conftest import ROOT
from uvis_core.io.atomic import write_json


def test_script_writes_the_page(tmp_path: Path) -> None:
    write_json(tmp_path / "tables.json", {"dataset": "toy", "tables": [BOTH]})
    files = ["--tables", str(tmp_path / "tables.json"), "--output", str(tmp_path / "tables.html")]
    subprocess.run([sys.executable, "scripts/render_tables.py", *files], cwd=ROOT, check=True)
    assert "Tracking memory" in (tmp_path / "tables.html").read_text(encoding="utf-8")
