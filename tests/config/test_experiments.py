"""Names that refer to each other: whatever is named exists, and whatever exists is named."""

from typing import Any

import pytest
import yaml
from snakemake.utils import update_config

from uvis_core.config.experiments import chain_of
from uvis_core.config.root import load_configuration
from uvis_core.io.errors import UserError


@pytest.fixture
def values(pytestconfig: pytest.Config) -> dict[str, Any]:
    return yaml.safe_load((pytestconfig.rootpath / "config.yaml").read_text())


def assert_refused(values: dict[str, Any], overlay: dict[str, Any], words: list[str]) -> None:
    update_config(values, overlay)
    with pytest.raises(UserError) as caught:
        load_configuration(values)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("overlay", "words"),
    [
        (
            {"labels": {"variants": {"ful": {"similarity": 0.6}}}},
            [
                "labels.variants.ful: nothing uses it",
                "mean 'full'",
                "experiment",
                "comparison.labels",
                "remove",
            ],
        ),
        (
            {"training": {"variants": {"minvs": {"steps": 10}}}},
            ["training.variants.minvs: nothing uses it", "mean 'minvis'"],
        ),
        (
            {"tracks": {"variants": {"memry": {"memory_weight": 0.3}}}},
            ["tracks.variants.memry: nothing uses it", "mean 'memory'"],
        ),
        (
            {"experiments": {"uivs": {"labels": "full", "training": "minvis", "tracks": "memory"}}},
            ["experiments.uivs: nothing uses it", "mean 'uvis'", "run", "comparison"],
        ),
        ({"labels": {"variants": {"zebra": {}}}}, ["labels.variants.zebra: nothing uses it", "fix: name it"]),
        ({"experiments": {"uvis": {"labels": "ful"}}}, ["experiments.uvis.labels: 'ful'", "mean 'full'"]),
        ({"comparison": {"tau": {"0.8": "tau_80"}}}, ["comparison.tau.0.8: 'tau_80'", "mean 'tau_"]),
    ],
)
def test_a_name_that_nothing_uses_or_defines(
    values: dict[str, Any], overlay: dict[str, Any], words: list[str]
) -> None:
    assert_refused(values, overlay, words)


OWN = {"objectness": 0.6, "class_score": 0.5, "similarity": 0.8}


@pytest.mark.parametrize(
    "overlay",
    [
        {"run": ["uvis"]},
        {"run": ["tau_50", "unfiltered"]},
        {
            "labels": {"variants": {"own": OWN}},
            "experiments": {"own": {"labels": "own", "training": "minvis", "tracks": "memory"}},
            "run": ["own"],
        },
        {
            "labels": {"variants": {"own": OWN}},
            "experiments": {"own": {"labels": "own", "tracks": "deepsort"}},
            "comparison": {"main": {"Own": "own"}},
        },
        {"labels": {"variants": {"own": OWN}}, "comparison": {"labels": {"Own": "own"}}},
        {
            "training": {"variants": {"long": {"steps": 9000}}},
            "tracks": {"variants": {"slow": {"memory_weight": 0.2}}},
            "experiments": {"own": {"labels": "full", "training": "long", "tracks": "slow"}},
            "run": ["uvis", "own"],
        },
    ],
)
def test_variants_of_ones_own_that_something_uses(values: dict[str, Any], overlay: dict[str, Any]) -> None:
    update_config(values, overlay)
    assert load_configuration(values).run == overlay.get("run", ["uvis", "minvis", "deepsort"])


GIVEN = {
    "training": {"variants": {"given": {"checkpoint": "model.safetensors"}}},
    "experiments": {"track": {"labels": None, "training": "given", "tracks": "memory"}},
    "run": ["track"],
}


def test_a_given_model_needs_no_training_videos(values: dict[str, Any]) -> None:
    update_config(values, {**GIVEN, "sources": {"train": None}})
    configuration = load_configuration(values)
    assert configuration.splits == ["test"]
    assert not configuration.trains(configuration.experiments["track"])
    assert configuration.trains(configuration.experiments["uvis"])


def test_with_training_videos_both_splits_are_there(values: dict[str, Any]) -> None:
    assert load_configuration(values).splits == ["train", "test"]
    values["sources"]["test"] = None
    assert load_configuration(values).splits == ["train"]


@pytest.mark.parametrize(
    ("overlay", "words"),
    [
        (
            {**GIVEN, "experiments": {"track": {"labels": "full", "training": "given", "tracks": "memory"}}},
            ["experiments.track.labels: 'full'", "'given' is a finished model", "set it to null"],
        ),
        (
            {"experiments": {"uvis": {"labels": None}}},
            ["experiments.uvis.labels: null, but its model is not given", "checkpoint"],
        ),
        (
            {"sources": {"train": None}},
            ["sources.train: null, but experiments ['uvis', 'minvis', 'deepsort']", "checkpoint"],
        ),
        ({"sources": {"train": None, "test": None}}, ["train and test are both null"]),
    ],
)
def test_labels_and_training_videos_are_where_they_are_needed(
    values: dict[str, Any], overlay: dict[str, Any], words: list[str]
) -> None:
    assert_refused(values, overlay, words)


SIZES = {"model": {"queries": 16}}


def started(**variants: dict[str, Any]) -> dict[str, Any]:
    """Training variants of which one experiment names the last one."""
    last = list(variants)[-1]
    return {
        "training": {"variants": {name: SIZES | given for name, given in variants.items()}},
        "experiments": {"own": {"labels": "full", "training": last, "tracks": "memory"}},
        "run": ["uvis", "own"],
    }


IMAGES = {"recipe": "image", "class_agnostic": True, "initial": "backbone.safetensors"}


def test_a_variant_that_another_starts_from_is_used(values: dict[str, Any]) -> None:
    clips = {"recipe": "videocutler", "start": "images", "class_agnostic": True}
    update_config(values, started(images=IMAGES, clips=clips, frames={"start": "clips"}))
    variants = load_configuration(values).training.variants
    assert chain_of(variants, "frames") == ["frames", "clips", "images"]
    assert chain_of(variants, "images") == ["images"]


def test_a_variant_has_the_sizes_of_its_start(values: dict[str, Any]) -> None:
    overlay = started(images=IMAGES, clips={"start": "images"}, frames={"start": "clips"})
    for name in ("clips", "frames"):
        del overlay["training"]["variants"][name]["model"]
    update_config(values, overlay)
    variants = load_configuration(values).training.variants
    assert [variants[name].model.queries for name in ("images", "clips", "frames")] == [16] * 3


@pytest.mark.parametrize(
    ("overlay", "words"),
    [
        (started(frames={"start": "clip"}), ["frames.start: 'clip' is not among training.variants"]),
        (
            started(a={"start": "b"}, b={"start": "a"}),
            ["starts from this very variant: a from b from a", "take its key start out"],
        ),
        (
            started(images=IMAGES, frames={"start": "images", "model": {"queries": 20}}),
            ["frames.start: the network of 'images' has other sizes"],
        ),
        (started(images=IMAGES), ["experiments.own.training: 'images' is class_agnostic", "start: images"]),
        (
            started(images=IMAGES, clips={"start": "images"}, frames={}),
            ["training.variants.images: nothing uses it", "as the start of another one"],
        ),
    ],
)
def test_starts_that_cannot_be(values: dict[str, Any], overlay: dict[str, Any], words: list[str]) -> None:
    assert_refused(values, overlay, words)


def test_names_set_to_null_are_taken_out(values: dict[str, Any]) -> None:
    values["experiments"]["tau_50"] = None
    values["labels"]["variants"]["tau_50"] = None
    values["comparison"]["tau"]["0.5"] = "null"
    values["comparison"]["labels"] = None
    configuration = load_configuration(values)
    assert "tau_50" not in configuration.experiments
    assert "tau_50" not in configuration.labels.variants
    assert list(configuration.comparison.tau) == ["0.0", "0.7", "0.9"]
    assert configuration.comparison.labels == {}


def test_a_removed_name_that_something_needs_is_missed(values: dict[str, Any]) -> None:
    values["tracks"]["variants"]["memory"] = None
    with pytest.raises(UserError, match=r"experiments\.uvis\.tracks: 'memory' is not among"):
        load_configuration(values)
