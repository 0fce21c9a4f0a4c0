import pytest
import yaml

from uvis_core.config.root import Configuration, load_configuration
from uvis_core.io.errors import UserError


@pytest.fixture
def values(pytestconfig):
    return yaml.safe_load((pytestconfig.rootpath / "config.yaml").read_text())


def test_embedded_default_is_valid(values):
    configuration = load_configuration(values)
    assert configuration.test_split == "test"
    assert configuration.run[0] in configuration.experiments


def test_without_a_test_source_the_training_videos_are_tracked(values):
    values["sources"]["test"] = None
    configuration = load_configuration(values)
    assert configuration.test_split == "train"
    assert configuration.source("train") == configuration.sources.train


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("maskz",), {}, ["maskz: there is no such key", "masks"]),
        (("masks", "model", "dept"), 50, ["masks.model.dept: there is no such key", "depth"]),
        (("labels", "variants", "full", "tau"), 0.7, ["labels.variants.full.tau", "similarity"]),
        (("shards",), 0, ["shards", "greater than or equal to 1", "0"]),
        (("dataset",), "Toy World", ["dataset", "Toy World"]),
        (("experiments", "uvis", "tracks"), "memry", ["experiments.uvis.tracks", "'memry'", "memory"]),
        (("run",), ["nothing"], ["'nothing'", "uvis"]),
        (("tables", "memory", "with"), "uivs", ["tables.memory.with", "'uivs'", "experiments", "uvis"]),
        (("tables", "labels", "none"), "uvis", ["tables.labels.none", "'uvis'", "labels.variants"]),
        (("sources", "train", "path"), "somewhere", ["sources.train", "takes no path"]),
    ],
)
def test_mistakes_name_key_value_and_what_is_allowed(values, path, value, words):
    target = values
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    with pytest.raises(UserError) as caught:
        load_configuration(values)
    for word in words:
        assert word in str(caught.value)


def test_every_stage_has_its_block():
    blocks = {
        "frames",
        "masks",
        "crops",
        "prototypes",
        "labels",
        "training",
        "tracks",
        "evaluation",
        "report",
    }
    assert blocks <= set(Configuration.model_fields)
