import json
import os
import shlex
import sys
from pathlib import Path

# The jobs import the very package whose code the digests cover, installed or not.
sys.path.insert(0, str(workflow.basedir))
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(workflow.basedir), os.environ.get("PYTHONPATH")]))

from uvis_core.config.base import settings_flags
from uvis_core.config.root import load_configuration
from uvis_core.frames.plan import entries_digest, plan_shards
from uvis_core.frames.sources import entries_of_files, list_videos
from uvis_core.io.errors import UserError
from uvis_core.provenance import code_digest
from uvis_core.toy.names import video_ids


def or_exit(function, *arguments, **keywords):
    """Call; a user's mistake ends the parse with its message instead of a traceback."""
    try:
        return function(*arguments, **keywords)
    except UserError as error:
        sys.exit(f"Error: {error}")


CONFIG = or_exit(load_configuration, config)
RESULTS = f"{CONFIG.results}/{CONFIG.dataset}"
SPLITS = ["train", "test"] if CONFIG.sources.test else ["train"]


def toy_videos(split):
    """The video files that the toy rule will make, known before they exist."""
    return [f"{RESULTS}/toy/{split}/{video_id}.mp4" for video_id in video_ids(split, CONFIG.toy)]


def split_plan(split):
    """Shard name -> its videos: made while the workflow is parsed, so that a dry run is complete."""
    source = CONFIG.source(split)
    if source.kind == "toy":
        entries = entries_of_files(toy_videos(split))
    else:
        entries = or_exit(list_videos, source, cache_folder=Path(RESULTS) / "frames")
    return plan_shards(entries, CONFIG.shards)


PLAN = {split: split_plan(split) for split in SPLITS}


def shards(pattern, split, **wildcards):
    """One path per shard of a split; the pattern's other wildcards are filled from the keywords."""
    pattern = pattern.replace("<results>", RESULTS)
    return expand(pattern, split=split, shard=PLAN[split], **wildcards)


def truth_file(split):
    """The annotations of a split, or an empty list: they serve evaluation and pictures only."""
    source = CONFIG.source(split)
    if source.kind == "toy":
        return [f"{RESULTS}/toy/{split}.json"]
    return [source.truth] if source.truth else []


def flags(settings, leave_out=()):
    """Every key of a stage's settings as command-line flags: what a result depends on, key by key."""
    return shlex.join(settings_flags(settings, leave_out=leave_out))


def gpus_per_job():
    """One GPU per job where the configuration asks for one or this machine has one."""
    device = CONFIG.compute.device
    return int(device.startswith("cuda") or (device == "auto" and Path("/dev/nvidia0").exists()))


def experiment_path(name, pattern, seed=None):
    """Fill the variant names of an experiment into a path."""
    experiment = CONFIG.experiments[name]
    return pattern.replace("<results>", RESULTS).format(
        labels=experiment.labels,
        tracks=experiment.tracks,
        seed=CONFIG.seeds[0] if seed is None else seed,
        split=CONFIG.test_split,
        shard="{shard}",
    )


def local_files(*paths):
    """Those of the paths that are set and are files of their own, not names known to a library."""
    return [path for path in paths if path and Path(path).suffix]


def truth_flag(wildcards):
    """The annotations as a flag, or nothing."""
    return shlex.join(["--truth", *truth_file(wildcards.split)]) if truth_file(wildcards.split) else ""
