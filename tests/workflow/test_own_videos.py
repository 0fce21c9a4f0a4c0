"""Videos without truth: every experiment of the run is planned, and everything that docs/own_videos.md promises."""

import fnmatch
import re
from functools import reduce
from typing import Any

import pytest
import yaml

from tests.predict.conftest import make_video
from tests.workflow.conftest import ROOT, Checkout, copy_repository, merge

pytestmark = pytest.mark.slow
STRICT = {
    "labels": {"variants": {"strict": {"objectness": 0.9, "class_score": 0.9, "similarity": 0.9}}},
    "experiments": {"strict": {"labels": "strict", "training": "minvis", "tracks": "memory"}},
    "run": ["uvis", "strict"],
}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy of the repository with a video and a word list, as the page has them."""
    checkout = copy_repository(tmp_path_factory.mktemp("own"))
    make_video(checkout.folder / "my_videos" / "clip.mp4", 4, seed=0)
    (checkout.folder / "my_words.txt").write_text("cat\ndog\n")
    return checkout


def planned(checkout: Checkout, *overlays: dict[str, Any]) -> set[str]:
    """The files that a dry run of the preset would make, with more laid over it."""
    preset = yaml.safe_load((checkout.folder / "presets" / "my_videos.yaml").read_text())
    laid = reduce(merge, overlays, preset | {"vocabulary": "my_words.txt"})
    (checkout.folder / "laid.yaml").write_text(yaml.safe_dump(laid))
    output = checkout.snakemake("--dry-run", configfile="laid.yaml")
    return {
        path for line in re.findall(r"^    output: (.+)$", output, re.MULTILINE) for path in line.split(", ")
    }


@pytest.mark.parametrize("exports", [{}, {"formats": []}, {"of": ["labels"]}])
def test_every_experiment_of_the_run_is_tracked(checkout: Checkout, exports: dict[str, Any]) -> None:
    made = planned(checkout, STRICT, {"exports": exports})
    for labels in ("full", "strict"):
        assert f"results/my_videos/training/{labels}-minvis/seed-0/model.safetensors" in made
        assert fnmatch.filter(made, f"results/my_videos/tracks/{labels}-minvis-memory/seed-0/train/*.parquet")
        exported = fnmatch.filter(made, f"results/my_videos/exports/*/tracks/{labels}-minvis-memory/*")
        assert bool(exported) == (not exports)
    assert "results/my_videos/report/index.html" in made


def test_the_page_promises_what_the_default_run_makes(checkout: Checkout) -> None:
    page = (ROOT / "docs" / "own_videos.md").read_text()
    promised = re.findall(r"^\| .+ \| `(results/\S+)` \|$", page, re.MULTILINE)
    made = planned(
        checkout, yaml.safe_load((checkout.folder / "presets" / "published_weights.yaml").read_text())
    )
    assert len(promised) == 6
    assert [path for path in promised if not fnmatch.filter(made, path)] == []
