"""A training variant that starts from another one: which jobs come, of what, and what reruns them."""

import re

import pytest
import yaml

from tests.workflow.conftest import ROOT, SMALL, Checkout, copy_repository, merge

pytestmark = pytest.mark.slow
RUN = "stages.yaml"
TOY = yaml.safe_load((ROOT / "config.yaml").read_text())["training"]["variants"]["minvis"]
SIZES = {"model": TOY["model"], "steps": 4}
# VideoCutLER's two stages, and UVIS's training from them; the other experiment has the second stage for itself.
STAGES = {
    "images": {**SIZES, "recipe": "image", "class_agnostic": True, "initial": TOY["initial"]},
    "clips": {**SIZES, "recipe": "videocutler", "start": "images"},
    "frames": {**SIZES, "start": "clips"},
}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    checkout = copy_repository(tmp_path_factory.mktemp("starts"))
    own = {
        "training": {"variants": STAGES},
        "tracks": {"variants": {"clip": {"tracker": "clip", "clip_frames": 24, "overlap": 4}}},
        "experiments": {
            "staged": {"labels": "full", "training": "frames", "tracks": "memory"},
            "video": {"labels": "full", "training": "clips", "tracks": "clip"},
        },
        "run": ["staged"],
        "comparison": {"main": {"VideoCutLER": "video"}},
    }
    (checkout.folder / RUN).write_text(yaml.safe_dump(merge(SMALL, own)))
    return checkout


def commands(output: str) -> dict[str, str]:
    """Training variant -> the command that trains it."""
    found = re.findall(r"python scripts/train_model.py .*", output)
    return {re.search(r"training/full-(\w+)/seed-0/model", line)[1]: line for line in found}


def test_every_stage_is_trained_once_and_starts_from_the_one_before(checkout: Checkout) -> None:
    assert checkout.would_run("training", configfile=RUN)["train_model"] == 3
    planned = commands(checkout.snakemake("--dry-run", "--printshellcmds", "training", configfile=RUN))
    assert set(planned) == set(STAGES)
    folder = "--initial=results/small/training/full-{}/seed-0/model.safetensors"
    assert f"--initial={TOY['initial']}" in planned["images"]
    assert folder.format("images") in planned["clips"]
    assert folder.format("clips") in planned["frames"]
    assert not any("--start" in command for command in planned.values())


def test_the_model_of_a_start_is_kept_with_the_tracks_of_what_follows(checkout: Checkout) -> None:
    planned = commands(checkout.snakemake("--dry-run", "--printshellcmds", "training", configfile=RUN))
    tracker = {name: re.search(r'"tracker": "(\w+)"', command)[1] for name, command in planned.items()}
    # The nearest experiment decides: that of the clips is the first that takes the images' model.
    assert tracker == {"frames": "memory", "clips": "clip", "images": "clip"}
    assert '"clip_frames": 24, "overlap": 4' in planned["clips"]
