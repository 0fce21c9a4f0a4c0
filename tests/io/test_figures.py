from pathlib import Path

import pytest

from uvis_core.io.atomic import write_json
from uvis_core.io.errors import UserError
from uvis_core.io.figures import read_figures


def test_figures_come_back(tmp_path: Path) -> None:
    write_json(tmp_path / "f.json", {"AP": 0.5, "per_class": []})
    assert read_figures(tmp_path / "f.json") == {"AP": 0.5, "per_class": []}


@pytest.mark.parametrize("content", [[], {}, {"videos": [], "annotations": []}])
def test_other_files_are_refused(tmp_path: Path, content: object) -> None:
    write_json(tmp_path / "f.json", content)
    with pytest.raises(UserError, match=r"f\.json: holds no"):
        read_figures(tmp_path / "f.json")
