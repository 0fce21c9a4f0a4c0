import pytest
import yaml
from snakemake.cli import parse_config
from snakemake.utils import update_config

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
        (labelled() | {"test": {"kind": "toy"}}, "set sources.test to null"),
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
        (("exports", "formats"), ["voc"], ["exports.formats.0", "'voc'", "'ytvis'"]),
        (("run",), ["nothing"], ["'nothing'", "uvis"]),
        (
            ("comparison", "memory", "with"),
            "uivs",
            ["comparison.memory.with", "'uivs'", "experiments", "uvis"],
        ),
        (("comparison", "labels", "none"), "uvis", ["comparison.labels.none", "'uvis'", "labels.variants"]),
        (("run",), ["uvis", "minvis", "uvis"], ["run: 'uvis' stands there twice", "once"]),
        (("seeds",), [0, 1, 1], ["seeds: 1 stands there twice", "once"]),
        (
            ("labels", "variants", "full", "objectness"),
            0.05,
            ["full.objectness: 0.05", "objectness_floor 0.1"],
        ),
        (
            ("masks", "objectness_floor"),
            0.75,
            ["labels.variants.full.objectness: 0.7", "masks.objectness_floor"],
        ),
        (
            ("compute", "training_gpus"),
            3,
            ["training.variants.minvis.batch_size: 8", "3 processes", "such as 9"],
        ),
        (
            ("training", "variants", "minvis", "steps"),
            200,
            ["minvis: decay_steps: 280", "200 steps", "below"],
        ),
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


def test_nodes_share_a_batch_too(values):
    values["compute"] |= {"training_nodes": 2, "training_gpus": 2}
    assert load_configuration(values).compute.training_nodes == 2
    values["compute"]["training_nodes"] = 3
    with pytest.raises(UserError, match=r"training_gpus 2, compute\.training_nodes 3"):
        load_configuration(values)


CLIPS = {"kind": "frame_folders", "path": "clips"}


@pytest.mark.parametrize("path", ["clips", "./clips/", ["clips"]])
def test_the_training_videos_are_no_test_videos(values, path):
    values["sources"] = {"train": CLIPS, "test": CLIPS | {"path": path, "truth": "truth.json"}}
    with pytest.raises(UserError, match=r"sources: test.path: .* are the videos of train") as caught:
        load_configuration(values)
    assert caught.value.fix.startswith("set sources.test to null")
    values["sources"]["test"]["path"] = "others"
    assert load_configuration(values).test_split == "test"


@pytest.mark.parametrize(
    ("words", "vocabulary", "test_split"),
    [
        (["vocabulary=null"], None, "test"),
        (["vocabulary="], None, "test"),
        (["sources={test: null}"], "vocabularies/toy.json", "train"),
        (["sources={test: ~}", "vocabulary=~"], None, "train"),
    ],
)
def test_null_after_config(values, words, vocabulary, test_split):
    update_config(values, parse_config(words))
    configuration = load_configuration(values)
    assert (configuration.vocabulary, configuration.test_split) == (vocabulary, test_split)


@pytest.mark.parametrize("null", ["null", "Null", "NULL", "~"])
def test_null_may_be_a_text_as_the_command_line_gives_it(values, null):
    values["vocabulary"] = null
    values["sources"]["test"] = null
    values["labels"]["variants"]["full"]["similarity"] = null
    configuration = load_configuration(values)
    assert configuration.vocabulary is None
    assert configuration.test_split == "train"
    assert configuration.labels.variants["full"].similarity is None
    values["seeds"] = [0, null]
    with pytest.raises(UserError, match=r"seeds\.1: Input should be a valid integer, got None"):
        load_configuration(values)


def test_what_does_not_fit_together_is_said_without_the_whole_configuration(values):
    values["run"] = ["uvsi"]
    with pytest.raises(UserError) as caught:
        load_configuration(values)
    assert caught.value.message.startswith(
        "configuration: run: 'uvsi' is not among experiments ['clip_score', "
    )
    assert "prototypes" not in caught.value.message
    assert caught.value.fix.startswith("did you mean 'uvis'?")


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
