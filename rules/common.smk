import json
import os
import re
import shlex
import sys
from pathlib import Path

# The jobs run in this environment and import the very package whose code the digests cover, installed or not.
sys.path.insert(0, str(workflow.basedir))
for variable, folder in (("PYTHONPATH", workflow.basedir), ("PATH", Path(sys.executable).parent)):
    os.environ[variable] = os.pathsep.join(filter(None, [str(folder), os.environ.get(variable)]))
# Threads of one job wait for each other by spinning, which starves jobs that share the cores; those that never spin are slow
# on their own. So they spin for some microseconds.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

from uvis_core.config.base import settings_flags
from uvis_core.config.root import load_configuration
from uvis_core.frames.layout import check_files, check_images
from uvis_core.frames.plan import entries_digest, plan_shards
from uvis_core.frames.sources import entries_of_files, list_videos
from uvis_core.frames.split import held_out_videos, read_annotated
from uvis_core.io.errors import UserError
from uvis_core.io.vocabulary import read_vocabulary
from uvis_core.provenance import code_digest
from uvis_core.report.summary import summary_text
from uvis_core.toy.names import video_ids


def or_exit(function, *arguments, **keywords):
    """Call; a user's mistake ends the parse with its message instead of a traceback."""
    try:
        return function(*arguments, **keywords)
    except UserError as error:
        sys.exit(f"Error: {error}")


CONFIG = or_exit(load_configuration, config)
# A vocabulary that cannot be used must not be found out by the crops stage, hours later.
or_exit(read_vocabulary, CONFIG.vocabulary_file)
RESULTS = f"{CONFIG.results}/{CONFIG.dataset}"
SPLITS = list(dict.fromkeys(["train", CONFIG.test_split]))


def toy_videos(split):
    """The video files that the toy rule will make, known before they exist."""
    return [f"{RESULTS}/toy/{split}/{video_id}.mp4" for video_id in video_ids(split, CONFIG.toy)]


def source_videos(split, source, cache_folder):
    """The videos of a source, whose files are all where they should be; a mistake is said of the split."""
    obtain = CONFIG.sources.obtain
    try:
        check_files(source, obtain)
        entries = list_videos(source, cache_folder=cache_folder)
        check_images(entries, CONFIG.frames.max_failed_share, obtain)
    except UserError as error:
        raise UserError(f"sources.{split}: {error.message}", fix=error.fix) from error
    return entries


def parts_of_train():
    """The videos of sub-train and sub-val, out of the one annotated json."""
    source, folder = CONFIG.sources.train, Path(RESULTS) / "frames"
    entries = source_videos("train", source, folder)
    held_out = held_out_videos(read_annotated(source.path, folder).classes, CONFIG.sources.split)
    return {
        split: [entry for entry in entries if (entry.video_id in held_out) == (split == "test")]
        for split in SPLITS
    }


def split_videos(split):
    """The videos of a split that has a source of its own."""
    source = CONFIG.source(split)
    if source.kind == "toy":
        return entries_of_files(toy_videos(split))
    return source_videos(split, source, Path(RESULTS) / "frames" / split)


def read_videos():
    """Split -> its videos."""
    return parts_of_train() if CONFIG.sources.split else {split: split_videos(split) for split in SPLITS}


# Shard name -> its videos: planned while the workflow is parsed, so that a dry run is complete.
PLAN = {split: plan_shards(entries, CONFIG.shards) for split, entries in or_exit(read_videos).items()}


def shards(pattern, split, **wildcards):
    """One path per shard of a split; the pattern's other wildcards are filled from the keywords."""
    pattern = pattern.replace("<results>", RESULTS)
    return expand(pattern, split=split, shard=PLAN[split], **wildcards)


def truth_file(split):
    """The annotations of a split, or an empty list: they serve evaluation and pictures only."""
    source = CONFIG.source(split)
    if source.kind == "toy":
        return [f"{RESULTS}/toy/{split}.json"]
    if source.truth_is_folder:
        return [f"{RESULTS}/evaluation/{split}-truth.json"]
    return [source.truth] if source.truth else []


def flags(settings, leave_out=()):
    """Every key of a stage's settings as command-line flags: what a result depends on, key by key."""
    return shlex.join(settings_flags(settings, leave_out=leave_out))


def gpus_per_job():
    """One GPU per job where the configuration asks for one or this machine has one."""
    return int(CONFIG.compute.uses_gpu)


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


def is_trained(name):
    """Whether an experiment trains a model; DeepSORT links pseudo-labels instead."""
    return CONFIG.tracks.variants[CONFIG.experiments[name].tracks].tracker != "deepsort"


def truth_flag(wildcards):
    """The annotations as a flag, or nothing."""
    return shlex.join(["--truth", *truth_file(wildcards.split)]) if truth_file(wildcards.split) else ""


# Stage frames


def shard_files(wildcards):
    """The files or folders of a shard's videos; a json's videos are named by the digest of their entries instead."""
    if CONFIG.sources.split:
        return [CONFIG.source(wildcards.split).path]
    entries = PLAN[wildcards.split][wildcards.shard]
    return [entry.path for entry in entries if entry.kind != "ytvis"]


def shard_source(wildcards):
    """The flags that hand exactly the shard's videos to the script."""
    source = CONFIG.source(wildcards.split)
    if source.kind == "ytvis":
        return shlex.join([*settings_flags(source, "source."), "--shard", wildcards.shard])
    kind = "videos" if source.kind == "toy" else source.kind
    paths = [entry.path for entry in PLAN[wildcards.split][wildcards.shard]]
    return shlex.join(["--source.kind", kind, "--source.path", json.dumps(paths)])


def shard_digest(wildcards):
    """What the source says about the shard's images."""
    return entries_digest(PLAN[wildcards.split][wildcards.shard])


def split_failures(wildcards):
    return shards("<results>/frames/{split}/{shard}.failures.json", wildcards.split)


def split_frames(wildcards):
    return shards("<results>/frames/{split}/{shard}.parquet", wildcards.split)


def split_source(wildcards):
    """The annotated json that is divided; its digest, not its time, says when it has changed."""
    return ancient(CONFIG.sources.train.path)


def split_digest(wildcards):
    return read_annotated(CONFIG.sources.train.path, Path(RESULTS) / "frames").digest


def split_settings(wildcards):
    return flags(CONFIG.sources.split)


# Stage crops


def text_embeddings():
    """The vocabulary's embeddings, for models that know words."""
    return [f"{RESULTS}/crops/text.safetensors"] if CONFIG.crops.backend == "open_clip" else []


def text_flag():
    """The same as a flag, or nothing."""
    return shlex.join(["--text", *text_embeddings()]) if text_embeddings() else ""


# Stage labels


def labels_settings(wildcards):
    return flags(CONFIG.labels.variants[wildcards.labels])


def split_tables(stage):
    """Input function: one table per shard of the wildcard split; labels also take their variant."""

    def tables(wildcards):
        folder = f"labels/{wildcards.labels}" if stage == "labels" else stage
        return shards(f"<results>/{folder}/{{split}}/{{shard}}.parquet", wildcards.split)

    return tables


# Stage tracks


def tracks_settings(wildcards):
    return flags(CONFIG.tracks.variants[wildcards.tracks])


def tracker_inputs(wildcards):
    """Query trackers need the trained model; DeepSORT follows the pseudo-labels themselves."""
    paths = {"frames": "<results>/frames/{split}/{shard}.parquet"}
    if CONFIG.tracks.variants[wildcards.tracks].tracker == "deepsort":
        paths["masks"] = "<results>/masks/{split}/{shard}.parquet"
        paths["crops"] = "<results>/crops/{split}/{shard}.parquet"
        paths["labels"] = "<results>/labels/{labels}/{split}/{shard}.parquet"
    else:
        paths["checkpoint"] = "<results>/training/{labels}/seed-{seed}/model.safetensors"
    return {name: path.replace("<results>", RESULTS).format(**wildcards) for name, path in paths.items()}


def tracker_flags(wildcards):
    """The same files as flags of the script."""
    return shlex.join(
        part for name, path in tracker_inputs(wildcards).items() for part in (f"--{name}", path)
    )


def track_tables(wildcards):
    pattern = "<results>/tracks/{labels}-{tracks}/seed-{seed}/{split}/{shard}.parquet"
    variant = {key: wildcards[key] for key in ("labels", "tracks", "seed")}
    return shards(pattern, wildcards.split, **variant)


def optional_truth(wildcards):
    return truth_file(wildcards.split)


# Stage evaluation


def truth_folder(wildcards):
    """The folder of a split's annotated images."""
    return CONFIG.source(wildcards.split).truth


# Stage report


MAIN = CONFIG.run[0]
TABLES = {
    "train-frames": ("train", "<results>/frames/{split}/{shard}.parquet"),
    "masks": ("train", "<results>/masks/{split}/{shard}.parquet"),
    "labels": ("train", f"<results>/labels/{CONFIG.experiments[MAIN].labels}/{{split}}/{{shard}}.parquet"),
    "frames": (CONFIG.test_split, "<results>/frames/{split}/{shard}.parquet"),
    "tracks": (
        CONFIG.test_split,
        experiment_path(MAIN, "<results>/tracks/{labels}-{tracks}/seed-{seed}/{{split}}/{shard}.parquet"),
    ),
}
FIGURES = {
    name: experiment_path(name, "<results>/evaluation/{labels}-{tracks}/seed-{seed}/{split}.json")
    for name in CONFIG.run
    if truth_file(CONFIG.test_split)
}
SINGLES = {
    "labels-json": experiment_path(MAIN, "<results>/labels/{labels}/train.json"),
    "vocabulary": CONFIG.vocabulary_file,
}
if is_trained(MAIN):
    SINGLES["metrics"] = experiment_path(MAIN, "<results>/training/{labels}/seed-{seed}/metrics.jsonl")
if truth_file("train"):
    SINGLES["train-truth"] = truth_file("train")[0]
    SINGLES["label-quality"] = experiment_path(MAIN, "<results>/evaluation/{labels}-labels/train.json")
if truth_file(CONFIG.test_split):
    SINGLES["truth"] = truth_file(CONFIG.test_split)[0]


def report_templates():
    """What the page is made of; the page of tables has a template of its own."""
    paths = sorted(str(path) for path in Path("uvis_core/report/templates").iterdir())
    return [path for path in paths if path not in TABLES_TEMPLATES or path.endswith(".css")]


def report_tables():
    return {name: shards(pattern, split) for name, (split, pattern) in TABLES.items()}


def report_flags():
    """Every input of the report under its flag."""
    parts = ["--frames-summary", *(f"{RESULTS}/frames/{split}.json" for split in SPLITS)]
    for name, paths in report_tables().items():
        parts += [f"--{name}", *paths]
    for name, path in SINGLES.items():
        parts += [f"--{name}", path]
    if FIGURES:
        parts += ["--evaluation", *(f"{name}={path}" for name, path in FIGURES.items())]
    return shlex.join(parts)


def report_usage():
    """Job name and usage file of every job behind the report, as JSON; usage files mirror the outputs."""
    labelled, models, tracks = [("train", CONFIG.experiments[MAIN].labels)], [], []
    for name in FIGURES or [MAIN]:
        labelled.append(("train" if is_trained(name) else CONFIG.test_split, CONFIG.experiments[name].labels))
        models += (
            [experiment_path(name, "<results>/training/{labels}/seed-{seed}.x")] if is_trained(name) else []
        )
        pattern = experiment_path(
            name, "<results>/tracks/{labels}-{tracks}/seed-{seed}/{{split}}/{shard}.parquet"
        )
        tracks += shards(pattern, CONFIG.test_split)
    outputs = [path for split in SPLITS for path in shards("<results>/frames/{split}/{shard}.parquet", split)]
    text = ["text.x"] if text_embeddings() else []
    for stage, whole in (("masks", []), ("crops", text), ("prototypes", ["centroids.x"])):
        outputs += [f"{RESULTS}/{stage}/{name}" for name in whole]
        for split in dict.fromkeys(split for split, _ in labelled):
            outputs += shards(f"<results>/{stage}/{{split}}/{{shard}}.parquet", split)
    for split, variant in labelled:
        outputs += shards(f"<results>/labels/{variant}/{{split}}/{{shard}}.parquet", split)
    quality = [SINGLES["label-quality"]] if truth_file("train") else []
    outputs += [SINGLES["labels-json"], *models, *tracks, *quality, *FIGURES.values()]
    jobs = [str(Path(output).relative_to(RESULTS).with_suffix("")) for output in dict.fromkeys(outputs)]
    return json.dumps([[job, f"{RESULTS}/benchmarks/{job}.json"] for job in jobs])
