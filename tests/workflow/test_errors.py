"""A mistake in the configuration ends the run before any job, with the key, the value and what is allowed."""

import pytest

from tests.workflow.conftest import Checkout, copy_repository

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy of the repository without results."""
    return copy_repository(tmp_path_factory.mktemp("errors"))


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"masks": {"objectnes_floor": 0.2}}, ["masks.objectnes_floor", "no such key", "objectness_floor"]),
        ({"labels": {"variants": {"full": {"similarity": 1.7}}}}, ["labels.variants.full.similarity", "1.7"]),
        ({"shards": "many"}, ["shards", "'many'", "integer"]),
        ({"run": ["uvsi"]}, ["run", "'uvsi'", "minvis"]),
        ({"experiments": {"uvis": {"labels": "fully"}}}, ["experiments.uvis.labels", "'fully'", "full"]),
        ({"frames": {"stride": 2}}, ["stride", "truth"]),
        (
            {"sources": {"train": {"kind": "videos", "path": "nowhere"}}, "frames": {"stride": None}},
            ["sources.train", "nowhere", "no such file or folder", "path"],
        ),
        ({"vocabulary": "nowhere.txt"}, ["nowhere.txt", "no such file", "vocabulary"]),
        ({"labels": {"variants": {"ful": {"similarity": 0.8}}}}, ["labels.variants.ful", "'full'"]),
        (
            {"labels": {"variants": {"full": {"classes": {"sta": {"similarity": 0.8}}}}}},
            ["labels.variants.full.classes.sta", "'star'"],
        ),
        ({"compute": {"device": "cuda:99"}}, ["compute.device", "cuda:99", "GPUs"]),
        ({"compute": {"training_gpus": 3}}, ["batch_size", "3"]),
    ],
    ids=[
        "typo",
        "range",
        "type",
        "unknown experiment",
        "unknown variant",
        "combination",
        "missing folder",
        "missing vocabulary",
        "unused variant",
        "unknown class",
        "missing device",
        "indivisible batch",
    ],
)
def test_mistake_is_named(checkout: Checkout, keys: dict, words: list[str]) -> None:
    output = checkout.snakemake("--dry-run", configfile=checkout.overlay(**keys), check=False)
    assert "Traceback" not in output
    for word in words:
        assert word in output
    assert "fix:" in output


def test_gpus_beyond_the_cap_are_refused(checkout: Checkout) -> None:
    overlay = checkout.overlay(compute={"training_gpus": 4})
    refused = checkout.snakemake("--dry-run", "--resources", "gpu=1", configfile=overlay, check=False)
    assert "training asks for 4 GPUs" in refused
    assert "held to 1 (resource gpu)" in refused
    assert "fix: " in refused
    planned = checkout.snakemake("--dry-run", "--printshellcmds", "--resources", "gpu=4", configfile=overlay)
    assert "--gpus 4" in planned


def test_null_can_be_given_on_the_command_line(checkout: Checkout) -> None:
    """Snakemake hands it on as text."""
    planned = checkout.snakemake("--dry-run", "--config", "sources={test: null}")
    assert "evaluation/full-minvis-memory/seed-0/train.json" in planned


def test_of_two_config_flags_none_is_lost_in_silence(checkout: Checkout) -> None:
    output = checkout.snakemake("--dry-run", "--config", "shards=4", "-C", "seeds=[1]", check=False)
    assert "Error: --config stands 2 times" in output
    assert "fix: give it once" in output
