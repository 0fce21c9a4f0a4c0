from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.explorer.made import CODED
from uvis_core.config.labels import LabelsSettings
from uvis_core.config.root import load_configuration
from uvis_core.explorer.overlay import (
    configuration_files,
    overlay_values,
    reruns,
    snakemake_command,
    variant_settings,
    write_overlay,
)
from uvis_core.explorer.run import RunFolder
from uvis_core.io.errors import UserError


def laid_over(base: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Two configurations as --configfile joins them, key by key."""
    found = dict(base)
    for key, value in other.items():
        both = isinstance(value, dict) and isinstance(found.get(key), dict)
        found[key] = laid_over(found[key], value) if both else value
    return found


def thresholds(**classes: dict[str, float]) -> LabelsSettings:
    return LabelsSettings.model_validate(
        {"objectness": 0.4, "class_score": None, "similarity": 0.55, "classes": classes}
    )


@pytest.mark.parametrize(
    ("made_with", "wanted"),
    [
        (LabelsSettings(), thresholds()),
        (LabelsSettings(), thresholds(star={"similarity": 0.9})),
        (thresholds(star={"similarity": 0.9, "objectness": 0.3}), thresholds(star={"objectness": 0.2})),
        (thresholds(star={"similarity": 0.9}), thresholds(ring={"class_score": 0.1})),
        (thresholds(star={"similarity": 0.9}), LabelsSettings(min_area_share=0.1)),
    ],
)
def test_the_overlay_makes_of_the_configuration_what_was_tuned(
    tmp_path: Path, made_with: LabelsSettings, wanted: LabelsSettings
) -> None:
    base = yaml.safe_load((ROOT / "config.yaml").read_text())
    base["labels"]["variants"]["full"] = made_with.model_dump(exclude_none=False)
    path = write_overlay(tmp_path, "full.yaml", overlay_values("full", wanted, made_with), "snakemake")
    found = load_configuration(laid_over(base, yaml.safe_load(path.read_text())))
    labels = found.labels.variants["full"]
    own = {name: one.model_dump(exclude_none=True) for name, one in labels.classes.items()}
    expected = {name: one.model_dump(exclude_none=True) for name, one in wanted.classes.items()}
    assert labels.model_copy(update={"classes": {}}) == wanted.model_copy(update={"classes": {}})
    assert {name: one for name, one in own.items() if one} == expected


@pytest.mark.parametrize(
    "name", ["../full.yaml", "/tmp/full.yaml", "full.yml", ".yaml", "a b.yaml", "x/y.yaml", ""]
)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="is no name for the file"):
        write_overlay(tmp_path / "in", name, overlay_values("full", CODED, CODED), "snakemake")
    assert list(tmp_path.rglob("*")) == []


def test_the_command_names_the_files_of_the_run() -> None:
    overlay = Path("results/toy/explorer/full.yaml")
    assert configuration_files("toy", ROOT) == []
    assert configuration_files("my_videos", ROOT) == [str(ROOT / "presets" / "my_videos.yaml")]
    assert configuration_files("nobodys", ROOT) is None
    assert snakemake_command(overlay, []) == f"snakemake --cores 2 --configfile {overlay}"
    assert (
        snakemake_command(overlay, ["presets/x.yaml"], "labels")
        == f"snakemake labels --cores 2 --configfile presets/x.yaml {overlay}"
    )
    assert "PRESETS_OF_YOUR_RUN" in snakemake_command(overlay, None)


def test_what_a_change_makes_anew_is_said(run: RunFolder) -> None:
    assert reruns(run, "full") == ["labels: 2 tables of train", "tracks: tracking of full-minvis-memory"]
    assert reruns(run, "ful") == []


def test_the_thresholds_are_those_that_the_tables_carry(run: RunFolder) -> None:
    assert variant_settings(run) == {"full": CODED}
