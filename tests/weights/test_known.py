import json
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.weights.server import served
from uvis_core.io.atomic import read_json
from uvis_core.io.errors import UserError
from uvis_core.weights import fetch, known
from uvis_core.weights.fetch import fetch_known
from uvis_core.weights.known import loadable_file, local_file, registry


def test_no_two_names_share_a_file():
    files = [entry.file for entry in registry().values()]
    assert len(set(files)) == len(files)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(UserError, match="resnet51") as caught:
        local_file("resnet51", "weights")
    assert "torchvision_resnet50" in caught.value.fix


def test_files_lie_in_the_folder():
    assert local_file("cutler_cascade", "here") == Path("here/cutler_cascade_final.pth")
    assert loadable_file("cutler_cascade", "here") == Path("here/cutler_cascade_final.pth")
    assert loadable_file("minvis_ovis", "here") == Path("here/minvis_ovis/model.safetensors")


def test_the_page_says_what_the_registry_says():
    page = (ROOT / "docs/weights.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \|(.*)\|$", page, re.MULTILINE))
    assert set(rows) == set(registry())
    for name, entry in registry().items():
        cells = [cell.strip() for cell in rows[name].split("|")]
        assert cells == [
            ", ".join(entry.roles),
            entry.what,
            entry.licence,
            entry.use,
            entry.sha256 or "none",
        ], name


def test_a_known_name_is_fetched_and_recorded(tmp_path, monkeypatch):
    content = b"weights" * 100
    with served(content) as site:
        entry = registry()["cutler_cascade"].model_copy(update={"address": site.address})
        monkeypatch.setattr(fetch, "known", lambda name: entry)
        path = fetch_known("cutler_cascade", tmp_path)
        assert fetch_known("cutler_cascade", tmp_path) == path
        assert len(site.ranges) == 1
        site.content, site.etag = b"changed", '"two"'
        path.unlink()
        with pytest.raises(UserError, match="is not what it was at first"):
            fetch_known("cutler_cascade", tmp_path)
        site.content, site.etag = content, '"one"'
        assert fetch_known("cutler_cascade", tmp_path) == path
    assert path.read_bytes() == content
    record = read_json(tmp_path / "cutler_cascade_final.pth.json")
    assert record["bytes"] == 700
    assert len(record["sha256"]) == 64
    assert record["checked_against"] is None
    assert record["licence"] == "CC BY-NC 4.0"


def test_a_faulty_entry_is_named(tmp_path, monkeypatch):
    (tmp_path / "known.json").write_text(json.dumps({"broken": {"roles": ["masks"]}}))
    monkeypatch.setattr(known, "REGISTRY", tmp_path / "known.json")
    with pytest.raises(UserError, match="broken: what"):
        known.registry.__wrapped__()
