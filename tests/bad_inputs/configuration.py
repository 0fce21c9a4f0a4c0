"""Values of the configuration that cannot be meant."""

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from snakemake.cli import parse_config
from snakemake.utils import update_config

from tests.bad_inputs.case import ROOT, BadInput, refusal
from uvis_core.config.root import load_configuration
from uvis_core.config.truth import check_truth

NAN, INFINITY = float("nan"), float("inf")
FULL = "labels.variants.full"
MINVIS = "training.variants.minvis"
CLIPS = {"kind": "videos", "path": "clips"}


@cache
def _embedded() -> dict[str, Any]:
    values: dict[str, Any] = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    return values


def embedded() -> dict[str, Any]:
    """The values of config.yaml, to be changed."""
    return deepcopy(_embedded())


def changed(key: str, value: Any) -> dict[str, Any]:
    """The embedded values, with another one at a dotted key."""
    values = embedded()
    level = values
    *path, last = key.split(".")
    for part in path:
        level = level[part]
    level[last] = value
    return values


def with_value(key: str, value: Any) -> Callable[[Path], str]:
    """Refuses a value at a dotted key."""
    return lambda folder: refusal(load_configuration, changed(key, value))


def refused(what: str, key: str, value: Any, *words: str) -> BadInput:
    """A value that ends the run, naming its key."""
    return BadInput(what, with_value(key, value), "refused", (f"configuration: {key}", *words, "fix:"))


def misnamed(key: str, meant: str) -> BadInput:
    """A key that resembles one that there is."""
    words = (f"{key}: there is no such key", f"did you mean {meant!r}?", "fix:")
    return BadInput(f"the key `{key}`", with_value(key, 1), "refused", words)


def no_folder(what: str, key: str, name: str) -> BadInput:
    """A name that cannot be that of a folder of results."""

    def meet(folder: Path) -> str:
        values = embedded()
        level = values
        for part in key.split(".") if key else []:
            level = level[part]
        level[name] = {}
        return refusal(load_configuration, values)

    return BadInput(
        what, meet, "refused", (f"{key}.{name}", "cannot name a folder of results", "a-z, 0-9 and _")
    )


def given(*entries: str) -> Callable[[Path], str]:
    """Refuses what follows ``--config``."""

    def meet(folder: Path) -> str:
        values = embedded()
        update_config(values, parse_config(entries))
        return refusal(load_configuration, values)

    return meet


def without(key: str) -> Callable[[Path], str]:
    """Refuses a configuration that lacks a key."""

    def meet(folder: Path) -> str:
        values = embedded()
        del values[key]
        return refusal(load_configuration, values)

    return meet


def truth_at(path: str) -> Callable[[Path], str]:
    """Refuses annotations that are not where the configuration says."""

    def meet(folder: Path) -> str:
        values = changed("sources.test", CLIPS | {"truth": str(folder / path)})
        return refusal(check_truth, load_configuration(values))

    return meet


BRACES = "in braces that are closed"

TYPOS = [
    misnamed("shard", "shards"),
    misnamed("frames.strid", "stride"),
    misnamed("compute.batch_size.mask", "masks"),
    misnamed("masks.model.anchor_size_px", "anchor_sizes_px"),
    misnamed(f"{FULL}.objectnes", "objectness"),
    misnamed(f"{MINVIS}.loss.mask_wieght", "mask_weight"),
    misnamed("experiments.uvis.track", "tracks"),
    misnamed("comparison.ablaton", "ablation"),
    refused(
        "a key that resembles none", "zzz", 1, "there is no such key", "keys allowed beside zzz: comparison"
    ),
    refused(
        "a name of an experiment misspelt", "run", ["uivs"], "'uivs' is not among", "did you mean 'uvis'?"
    ),
    refused("a variant misspelt", "experiments.uvis.labels", "ful", "'ful'", "did you mean 'full'?"),
    refused("a kind of source misspelt", "sources.train.kind", "video", "'toy', 'videos'", "got 'video'"),
]

KINDS = [
    refused("a number that is a text", "shards", "many", "valid integer", "got 'many'"),
    refused("a number that is a fraction", "shards", 2.5, "fractional part, got 2.5"),
    refused("a number that is true", "shards", True, "True is no value of it"),
    refused("a list that holds true", "seeds", [0, True], "[0, True] is no value of it"),
    refused("a switch that is a word", f"{MINVIS}.frozen_backbone", "maybe", "valid boolean", "got 'maybe'"),
    refused(
        "a text that YAML takes for true",
        "dataset",
        True,
        "True is no value of it",
        "in quotes if that is yes",
    ),
    refused("null where a number is needed", "shards", None, "valid integer", "got None"),
    refused("null in place of a block", "masks", None, "should be a block of keys, got None"),
    refused("a text in place of a block", "masks", "cutler", "should be a block of keys, got 'cutler'"),
    refused(
        "a list in place of a block", "labels.variants", ["full"], "should be a block of keys, got ['full']"
    ),
    refused("a text in place of a list", "run", "uvis", "should be a list, got 'uvis'"),
    refused("a number as a path", "sources.train", {"kind": "videos", "path": 5}, "train.path", "got 5"),
    refused("a list that is too short", "masks.model.anchor_sizes_px", [1, 2, 3, 4], "px.4: is missing"),
    refused("a key that is a number", "masks", {"weights": "x", 7: 1}, ".7: keys should be text"),
    BadInput("no key dataset", without("dataset"), "refused", ("dataset: is missing", "fix: give dataset")),
]

LIMITS = [
    refused("NaN as a threshold", f"{FULL}.objectness", NAN, "finite number, got nan"),
    refused("infinity as a learning rate", f"{MINVIS}.learning_rate", INFINITY, "finite number, got inf"),
    refused("NaN as a rate of frames", "frames.fps", NAN, "finite number, got nan"),
    refused("NaN as a text", f"{FULL}.similarity", ".nan", "got '.nan'"),
    refused("a threshold above 1", f"{FULL}.similarity", 1.7, "less than or equal to 1, got 1.7"),
    refused("a threshold below what is stored", f"{FULL}.objectness", 0.05, "has no effect", "0.1 or more"),
    refused("a negative share", "frames.max_failed_share", -0.1, "greater than or equal to 0, got -0.1"),
    refused("a negative number of steps", f"{MINVIS}.steps", -5, "greater than or equal to 1, got -5"),
    refused("a negative seed", "seeds", [-1], "seeds.0", "got -1"),
    refused("a number of 300 digits", f"{MINVIS}.steps", 1e300, "steps: ", "got 1e+300"),
    refused("no shards", "shards", 0, "greater than or equal to 1, got 0"),
    refused("a million shards", "shards", 10**6, "less than or equal to 4096"),
    refused("no seeds", "seeds", [], "should have at least 1 of them"),
    refused("a seed twice", "seeds", [1, 1], "1 stands there twice"),
    refused("no experiments", "experiments", {}, "should have at least 1 of them, got {}"),
    BadInput(
        "steps that do not ascend",
        with_value(f"{MINVIS}.decay_steps", [3, 2]),
        "refused",
        (f"{MINVIS}: decay_steps: [3, 2] do not ascend", "write [2, 3]"),
    ),
    BadInput(
        "windows that share all of their frames",
        with_value("tracks.variants.memory.overlap", 60),
        "refused",
        ("tracks.variants.memory: overlap: 60 frames, but a window has only 60", "set overlap to 59 or less"),
    ),
    refused("a device that there is not", "compute.device", "gpu", "'gpu' is no device", "auto, cpu, cuda"),
]

PATHS = [
    refused("a data set that leads upwards", "dataset", "../../etc", "'../../etc' cannot name a folder"),
    refused("a data set of an absolute path", "dataset", "/tmp/x", "'/tmp/x' cannot name a folder"),
    refused("a data set with a dot", "dataset", "toy.v2", "'toy.v2' cannot name a folder"),
    refused("a data set with a line break", "dataset", "toy\n", r"'toy\n' cannot name a folder"),
    refused("a data set of capitals and spaces", "dataset", "Toy World", "'Toy World' cannot name a folder"),
    refused("a data set of 300 characters", "dataset", "x" * 300, "cannot name a folder", "up to 80"),
    refused("a data set of no name", "dataset", "", "'' cannot name a folder"),
    no_folder("a labels variant that leads upwards", "labels.variants", "../up"),
    no_folder("a training variant with a slash", "training.variants", "a/b"),
    no_folder("a tracks variant of wildcards", "tracks.variants", "{seed}"),
    no_folder("an experiment with a dot", "experiments", "a.b"),
    refused("a vocabulary of no name", "vocabulary", "", "vocabulary: is empty"),
    refused("results of no name", "results", "", "results: is empty"),
    refused("a source of no name", "sources.train", {"kind": "videos", "path": ""}, "path: is empty"),
    refused("a source without a path", "sources.train", {"kind": "videos"}, "kind videos needs a path"),
    refused(
        "a test split that is the training split",
        "sources",
        {"train": CLIPS, "test": CLIPS},
        "videos of train",
    ),
    BadInput(
        "truth that is missing",
        truth_at("no.json"),
        "refused",
        ("sources.test.truth", "no.json: no such file", "fix:"),
    ),
]

COMMAND_LINE = [
    BadInput(
        "a brace that is missing after --config",
        given("sources={test: null"),
        "refused",
        ("sources: should be a block of keys, got '{test: null'", BRACES, "fix:"),
    ),
    BadInput(
        "a bracket in place of a brace after --config",
        given("labels={variants: {full: [similarity: 0.8}}}"),
        "refused",
        ("labels: should be a block of keys, got '{variants", BRACES),
    ),
    BadInput(
        "a brace that is missing further in",
        given("labels={variants: {full: {similarity 0.8}}}"),
        "refused",
        (f"{FULL}.similarity 0.8: there is no such key", "did you mean 'similarity'?"),
    ),
    BadInput(
        "null for a block after --config",
        given("masks=null"),
        "refused",
        ("masks: should be a block of keys",),
    ),
    BadInput(
        "nothing for a block after --config",
        given("masks="),
        "refused",
        ("masks: should be a block of keys",),
    ),
    BadInput(
        "a dotted key after --config",
        given("frames_stride=2"),
        "refused",
        ("frames_stride: there is no such",),
    ),
]

CASES = TYPOS + KINDS + LIMITS + PATHS + COMMAND_LINE
