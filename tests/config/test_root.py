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


def labelled(**train):
    annotated = {"kind": "ytvis", "path": "train.json", "truth": "train.json", "image_root": "images"}
    return {"train": annotated | train, "test": None, "split": {}}


def test_both_parts_of_the_labelled_split_come_from_the_source_of_train(values):
    values["sources"] = labelled()
    configuration = load_configuration(values)
    assert configuration.test_split == "test"
    for split in ("train", "test"):
        assert configuration.source(split) == configuration.sources.train


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        (labelled(truth=None), "same json as path and truth"),
        (labelled() | {"train": {"kind": "videos", "path": "clips"}}, "kind ytvis"),
        (labelled() | {"test": {"kind": "toy"}}, "set test to null"),
        (labelled() | {"split": {"share": 1}}, "less than 1"),
    ],
)
def test_the_labelled_split_asks_for_labels(values, sources, words):
    values["sources"] = sources
    with pytest.raises(UserError, match=words):
        load_configuration(values)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("maskz",), {}, ["maskz: there is no such key", "masks"]),
        (("masks", "model", "dept"), 50, ["masks.model.dept: there is no such key", "depth"]),
        (("labels", "variants", "full", "tau"), 0.7, ["labels.variants.full.tau", "similarity"]),
        (("shards",), 0, ["shards", "greater than or equal to 1", "0"]),
        (("dataset",), "Toy World", ["dataset", "Toy World"]),
        (("experiments", "uvis", "tracks"), "memry", ["experiments.uvis.tracks", "'memry'", "memory"]),
        (("experiments", "uvis", "training"), "minvs", ["experiments.uvis.training", "'minvs'", "minvis"]),
        (("experiments", "uvis", "training"), None, ["experiments.uvis.training", "trained model", "minvis"]),
        (("experiments", "deepsort", "training"), "minvis", ["experiments.deepsort.training", "to null"]),
        (("exports", "formats"), ["coco"], ["exports.formats.0", "'coco'", "'ytvis'"]),
        (("run",), ["nothing"], ["'nothing'", "uvis"]),
        (
            ("comparison", "memory", "with"),
            "uivs",
            ["comparison.memory.with", "'uivs'", "experiments", "uvis"],
        ),
        (("comparison", "labels", "none"), "uvis", ["comparison.labels.none", "'uvis'", "labels.variants"]),
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


def test_what_does_not_fit_together_is_said_without_the_whole_configuration(values):
    values["run"] = ["uvsi"]
    with pytest.raises(UserError) as caught:
        load_configuration(values)
    assert caught.value.message.startswith(
        "configuration: run: 'uvsi' is not among experiments ['clip_score', "
    )
    assert "prototypes" not in caught.value.message
    assert caught.value.fix == "correct what is named"


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
        "exports",
    }
    assert blocks <= set(Configuration.model_fields)


def test_without_words_everything_is_an_object(values):
    assert load_configuration(values).vocabulary_file == values["vocabulary"]
    values["vocabulary"] = None
    assert load_configuration(values).vocabulary_file == "vocabularies/object.txt"


def test_a_model_without_words_takes_no_vocabulary(values):
    values["crops"]["backend"] = "vit"
    with pytest.raises(UserError, match="set vocabulary to null"):
        load_configuration(values)
    values["vocabulary"] = None
    assert load_configuration(values).crops.unread == ("reading", "top_k")


def test_keys_of_the_other_backend_reach_no_job(values):
    for backend, unread in (("cutler", ("maskcut",)), ("maskcut", ("model",))):
        values["masks"]["backend"] = backend
        assert load_configuration(values).masks.unread == unread
