import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from uvis_core.config.root import Configuration, load_configuration
from uvis_core.config.truth import check_truth, names_occlusion
from uvis_core.io.errors import UserError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Annotations of every kind."""
    for name, keys in (("plain", {}), ("ovis", {"occlusion": ["no_occlusion"]})):
        content = {"videos": [{"id": 1, "name": "v"}], "annotations": [{"id": 1, "video_id": 1, **keys}]}
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    (tmp_path / "empty.json").touch()
    (tmp_path / "truth.xml").write_text("<annotations/>")
    (tmp_path / "truth.txt").touch()
    (tmp_path / "davis.2017").mkdir()
    return tmp_path


@pytest.fixture
def configured(pytestconfig: pytest.Config, folder: Path):
    def configured(train: str | None, test: str | None, protocol: str = "ytvis") -> Configuration:
        values: dict[str, Any] = yaml.safe_load((pytestconfig.rootpath / "config.yaml").read_text())
        values["sources"] = {
            split: {"kind": "videos", "path": split, "truth": name and str(folder / name)}
            for split, name in (("train", train), ("test", test))
        }
        values["evaluation"]["protocol"] = protocol
        return load_configuration(values)

    return configured


@pytest.mark.parametrize(
    ("train", "test", "protocol"),
    [
        (None, None, "ovis"),
        ("plain.json", "davis.2017", "davis"),
        ("plain.json", "ovis.json", "ovis"),
        (None, "plain.json", "ytvis"),
        ("truth.xml", "truth.xml", "ytvis"),
    ],
)
def test_annotations_that_can_be_read(configured, train: str | None, test: str | None, protocol: str) -> None:
    check_truth(configured(train, test, protocol))


@pytest.mark.parametrize(
    ("train", "test", "words"),
    [
        (None, "truth.txt", ["sources.test.truth: ", "truth.txt: is neither a .json, nor", "DAVIS"]),
        ("truth.txt", None, ["sources.train.truth: ", "truth.txt: is neither"]),
        (None, "nowhere", ["sources.test.truth: ", "nowhere: no such folder"]),
        (None, "nowhere.json", ["sources.test.truth: ", "nowhere.json: no such file"]),
        (None, "nowhere.xml", ["sources.test.truth: ", "nowhere.xml: no such file"]),
    ],
)
def test_annotations_that_cannot(configured, train: str | None, test: str | None, words: list[str]) -> None:
    with pytest.raises(UserError) as caught:
        check_truth(configured(train, test))
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("test", ["plain.json", "davis.2017"])
def test_the_protocol_of_ovis_needs_occlusion(configured, test: str) -> None:
    with pytest.raises(UserError, match=f"evaluation.protocol: ovis, but .*{test} says nothing") as caught:
        check_truth(configured("ovis.json", test, "ovis"))
    assert "ytvis" in caught.value.fix


@pytest.mark.parametrize(
    ("name", "named"),
    [("ovis.json", True), ("plain.json", False), ("empty.json", False), ("nowhere.json", False)],
)
def test_occlusion_is_found_by_its_key(folder: Path, name: str, named: bool) -> None:
    assert names_occlusion(folder / name) is named
