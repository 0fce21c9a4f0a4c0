"""The presets of published data sets: the paper's settings, ids of each data set's own, nothing of the toy models."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from snakemake.utils import update_config

from tests.fake_datasets import LAYOUTS
from uvis_core.config.clips import ClipSettings, JitterSettings
from uvis_core.config.masks import DetectorModel
from uvis_core.config.model import ModelSettings
from uvis_core.config.root import Configuration, load_configuration
from uvis_core.config.training import LossSettings
from uvis_core.io.class_thresholds import check_classes
from uvis_core.io.vocabulary import read_vocabulary


def merged(root: Path, name: str) -> Configuration:
    """The preset over the embedded default, as Snakemake merges them."""
    values = yaml.safe_load((root / "config.yaml").read_text())
    update_config(values, yaml.safe_load((root / f"presets/{name}.yaml").read_text()))
    return load_configuration(values)


def keys(values: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Dotted names of all leaves."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from keys(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_papers_settings(pytestconfig: pytest.Config, name: str) -> None:
    preset = merged(pytestconfig.rootpath, name)
    assert preset.dataset == name
    full = preset.labels.variants["full"]
    assert (full.objectness, full.class_score, full.similarity) == (0.7, 0.7, 0.7)
    assert (preset.crops.model, preset.crops.weights) == ("ViT-bigG-14", "laion2b_s39b_b160k")
    assert preset.crops.reading == "softmax_max"
    training = preset.training.variants["minvis"]
    assert (training.steps, training.learning_rate, training.frozen_backbone) == (320_000, 1e-4, True)
    assert (training.loss.class_weight, training.loss.mask_weight, training.loss.dice_weight) == (2, 5, 5)
    assert training.initial is None
    assert training.backbone
    assert preset.tracks.variants["memory"].memory_weight == 0.5
    assert preset.tracks.variants["memory"].predictions == 10
    assert preset.evaluation.protocol == ("ovis" if name == "ovis" else "ytvis")
    assert preset.test_split == "test"
    # The published sizes are the defaults.
    assert preset.masks.model == DetectorModel()
    assert training.model == ModelSettings()
    assert training.loss == LossSettings()


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_layout_is_the_data_sets_own(pytestconfig: pytest.Config, name: str) -> None:
    sources = merged(pytestconfig.rootpath, name).sources
    assert sources.train.path == sources.train.truth == f"datasets/{LAYOUTS[name].json}"
    assert sources.train.image_root == f"datasets/{LAYOUTS[name].images}"
    assert sources.obtain is not None
    assert LAYOUTS[name].json in sources.obtain
    assert LAYOUTS[name].images in sources.obtain


@pytest.mark.parametrize("name", LAYOUTS)
def test_nothing_is_inherited_from_the_toy_models(pytestconfig: pytest.Config, name: str) -> None:
    root = pytestconfig.rootpath
    embedded = yaml.safe_load((root / "config.yaml").read_text())
    preset = yaml.safe_load((root / f"presets/{name}.yaml").read_text())
    for stage in ("sources", "masks", "crops", "training"):
        left = set(keys(embedded[stage])) - set(keys(preset[stage])) - {"test.kind"}
        assert left == set(), f"{stage}: {left} would come from config.yaml"


@pytest.mark.parametrize("name", LAYOUTS)
def test_ids_are_the_data_sets_own_and_names_readable(pytestconfig: pytest.Config, name: str) -> None:
    vocabulary = read_vocabulary(pytestconfig.rootpath / f"vocabularies/{name}.json")
    own = dict(enumerate(LAYOUTS[name].classes, 1))
    spelled = {"Vehical": "vehicle"}
    assert {entry.id: entry.name for entry in vocabulary.classes} == {
        number: spelled.get(given, given.lower()) for number, given in own.items()
    }
    phrases = {entry.name: entry.phrases for entry in vocabulary.classes}
    assert "panda" in phrases["giant_panda"]
    if "earless_seal" in phrases:
        assert "seal" in phrases["earless_seal"]
        assert "tennis racket" in phrases["tennis_racket"]


def test_every_preset_lies_over_the_embedded_default(pytestconfig: pytest.Config) -> None:
    names = sorted(path.stem for path in (pytestconfig.rootpath / "presets").iterdir())
    assert set(LAYOUTS) < set(names)
    for name in names:
        preset = merged(pytestconfig.rootpath, name)
        check_classes(preset.labels.variants, read_vocabulary(pytestconfig.rootpath / preset.vocabulary_file))


def test_published_weights_lie_over_ones_own_videos(pytestconfig: pytest.Config) -> None:
    root = pytestconfig.rootpath
    values = yaml.safe_load((root / "config.yaml").read_text())
    over = yaml.safe_load((root / "presets/published_weights.yaml").read_text())
    for stage in ("masks", "crops", "training"):
        assert set(keys(values[stage])) <= set(keys(over[stage]))
    update_config(values, yaml.safe_load((root / "presets/my_videos.yaml").read_text()))
    update_config(values, over)
    preset = load_configuration(values)
    assert preset.masks.model == DetectorModel()
    training = preset.training.variants["minvis"]
    assert training.model == ModelSettings()
    assert training.loss == LossSettings()
    assert (preset.sources.train.kind, preset.test_split) == ("videos", "train")


@pytest.mark.parametrize("name", ["ytvis2019", "ytvis2021", "davis2017"])
def test_videocutlers_settings(pytestconfig: pytest.Config, name: str) -> None:
    preset = merged(pytestconfig.rootpath, f"videocutler_{name}")
    assert preset.vocabulary is None
    assert preset.evaluation.class_agnostic
    assert preset.evaluation.protocol == ("davis" if name == "davis2017" else "ytvis")
    image, clips = preset.training.variants["image"], preset.training.variants["videocutler"]
    assert list(preset.experiments) == preset.run == ["videocutler"]
    assert (image.recipe, image.steps, image.learning_rate, image.decay_steps) == (
        "image",
        160_000,
        2e-5,
        (80_000,),
    )
    assert (clips.recipe, clips.steps, clips.learning_rate, clips.start) == (
        "videocutler",
        80_000,
        5e-6,
        "image",
    )
    for training in (image, clips):
        assert (training.batch_size, training.frozen_backbone, training.backbone_factor) == (16, False, 0.1)
        assert training.dropout_rate == 0.3
        assert training.model == ModelSettings()
        assert training.loss == LossSettings()
    assert image.jitter == JitterSettings()
    assert clips.clip == ClipSettings()
    assert preset.tracks.variants["clip"].predictions == 10
    assert preset.masks.maskcut.affinity_threshold == 0.15
