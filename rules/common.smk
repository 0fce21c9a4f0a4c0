"""What every rule needs: the configuration, the plan of the videos, paths. Helpers of a stage stand in its rule file."""

import json
import os
import shlex
import sys
from functools import cache
from pathlib import Path

# The jobs run in this environment and import the very package whose code the digests cover, installed or not.
sys.path.insert(0, str(workflow.basedir))
for variable, folder in (("PYTHONPATH", workflow.basedir), ("PATH", Path(sys.executable).parent)):
    os.environ[variable] = os.pathsep.join(filter(None, [str(folder), os.environ.get(variable)]))
# Threads of one job wait for each other by spinning, which starves jobs that share the cores; those that never spin are slow
# on their own. So they spin for some microseconds.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

from uvis_core.config.base import settings_flags
from uvis_core.config.compute import check_device
from uvis_core.config.files import check_file
from uvis_core.config.root import load_configuration
from uvis_core.frames.plan import read_index, shard_name, shard_of
from uvis_core.io.atomic import write_text
from uvis_core.io.class_thresholds import check_classes
from uvis_core.io.corrections import read_corrections
from uvis_core.io.errors import UserError
from uvis_core.io.vocabulary import read_vocabulary
from uvis_core.provenance import code_digests, noted_code, recall_code, settings_digest

UNTRAINED = "none"
"""Stands in a path for the training variant of an experiment that has no model, and for the labels of one whose model is given."""


def or_exit(function, *arguments, **keywords):
    """Call; a user's mistake ends the parse with its message instead of a traceback."""
    try:
        return function(*arguments, **keywords)
    except UserError as error:
        sys.exit(f"Error: {error}")


def check_given_once(words):
    """Of several --config Snakemake takes the last one, and the others are lost without a word."""
    given = [word for word in words if word in ("--config", "-C") or word.startswith("--config=")]
    if len(given) > 1:
        sys.exit(
            f"Error: --config stands {len(given)} times on the command line, and Snakemake takes the last one alone\n"
            f"  fix: give it once, with all keys behind it: --config vocabulary=words.txt shards=4"
        )


if workflow.is_main_process:
    check_given_once(sys.argv)
    for file in workflow.configfiles:
        or_exit(check_file, file)
CONFIG = or_exit(load_configuration, config)
# A vocabulary that cannot be used must not be found out by the crops stage, hours later.
VOCABULARY = or_exit(read_vocabulary, CONFIG.vocabulary_file)
or_exit(check_classes, CONFIG.labels.variants, VOCABULARY)
if CONFIG.labels.corrections and workflow.is_main_process:
    or_exit(read_corrections, CONFIG.labels.corrections, [entry.name for entry in VOCABULARY.classes])
# Where jobs are sent to other machines, Snakemake is told how many; their devices are not this machine's.
ELSEWHERE = workflow.remote_exec or workflow.resource_settings.nodes is not None
if not ELSEWHERE and workflow.is_main_process:
    or_exit(check_device, CONFIG.compute.device)
RESULTS = f"{CONFIG.results}/{CONFIG.dataset}"
SPLITS = CONFIG.splits
EXPERIMENTS = [CONFIG.experiments[name] for name in CONFIG.run]


def planned_anew():
    """Split -> index of its plan, after a look at the sources; the plans' files are brought up to date."""
    # Imported here, because a job of a cluster parses the workflow too and reads the index alone.
    from uvis_core.config.truth import check_truth
    from uvis_core.planning import plan_videos

    planned = or_exit(plan_videos, CONFIG, Path(RESULTS, "plan"))
    or_exit(check_truth, CONFIG)
    return planned


def plans():
    """Split -> index of its plan. Only the process that a user starts looks at the sources."""
    indices = {split: read_index(plan_file(split).with_suffix(".json")) for split in SPLITS}
    return planned_anew() if workflow.is_main_process or None in indices.values() else indices


def plan_file(split):
    """The videos of a split, by shard."""
    return Path(RESULTS, "plan", f"{split}.parquet")


# Split -> shard name -> its number of videos and their digest: known at parse, so that a dry run is complete.
PLAN = plans()


def shards(pattern, split, **wildcards):
    """One path per shard of a split, none of one without videos; other wildcards are filled from the keywords."""
    pattern = pattern.replace("<results>", RESULTS)
    return expand(pattern, split=split, shard=PLAN.get(split, []), **wildcards)


def shard_tables(stage):
    """Input function: the tables of a stage, one per shard of the wildcard split."""

    def tables(wildcards):
        return shards(f"<results>/{stage}/{{split}}/{{shard}}.parquet", wildcards.split)

    return tables


def all_shards(pattern, split):
    """The same files in few words, for a command line: ``PLAN:PATTERN`` means one file per shard of the plan."""
    path = pattern.replace("<results>", RESULTS).replace("{split}", split)
    return f"{plan_file(split).with_suffix('.json')}:{path}"


def split_flag(pattern):
    """Param function: ``all_shards`` of the wildcard split, quoted; other wildcards are filled too."""

    def flag(wildcards):
        others = {name: value for name, value in wildcards.items() if name != "split"}
        filled = pattern
        for name, value in others.items():
            filled = filled.replace(f"{{{name}}}", value)
        return shlex.quote(all_shards(filled, wildcards.split))

    return flag


def flags(settings, leave_out=()):
    """Every key of a stage's settings as command-line flags: what a result depends on, key by key."""
    return shlex.join(settings_flags(settings, leave_out=leave_out))


CODE_NOTES = Path(RESULTS, "plan", "code.json")
recall_code(CODE_NOTES)


@cache
def scripts_digests():
    return code_digests(sorted(Path("scripts").glob("*.py")))


def note_code():
    """Read all scripts' code once, so that neither a job nor the next start has to."""
    scripts_digests()
    notes = json.dumps(noted_code())
    if not CODE_NOTES.is_file() or CODE_NOTES.read_text() != notes:
        or_exit(write_text, CODE_NOTES, notes)


def code_of(script):
    """Param function: the digest of all code behind a script, taken only for jobs that are asked for."""

    def code(wildcards):
        return scripts_digests()[script]

    return code


if workflow.is_main_process:
    note_code()


def memory_mb(constant, per_input_mb=0.0):
    """Resource function: memory that grows with the size of the inputs, and with every attempt."""

    def mem_mb(wildcards, input, attempt):
        return int(attempt * (constant + per_input_mb * input.size_mb))

    return mem_mb


LABELLED_FIRST = 1


def labelled_first(wildcards):
    """Priority function: training waits for the labelled videos, and the tracked ones can be worked on beside it."""
    return LABELLED_FIRST if wildcards.split == "train" else 0


def minutes(first):
    """Resource function: a time limit that grows with every attempt."""

    def runtime(wildcards, attempt):
        return first * attempt

    return runtime


def page_templates(package):
    """What an HTML page is made of: its package's templates, and the style that all pages share."""
    return [
        str(path)
        for name in (package, "pages")
        for path in sorted(Path(f"uvis_core/{name}/templates").iterdir())
    ]


def gpus_per_job():
    """One GPU per job where the configuration asks for one or this machine has one; on other machines unless it says cpu."""
    return int(CONFIG.compute.device != "cpu" if ELSEWHERE else CONFIG.compute.uses_gpu)


def experiment_path(name, pattern, seed=None):
    """Fill the variant names of an experiment, a seed and the tracked split into a path."""
    experiment = CONFIG.experiments[name]
    return pattern.replace("<results>", RESULTS).format(
        labels=experiment.labels or UNTRAINED,
        training=experiment.training or UNTRAINED,
        tracks=experiment.tracks,
        seed=CONFIG.seeds[0] if seed is None else seed,
        split=CONFIG.test_split,
        shard="{shard}",
    )


def labelled_splits():
    """Split and labels variant of all labels that the experiments of the run need, each once."""
    pairs = [
        ("train" if experiment.training else CONFIG.test_split, experiment.labels)
        for experiment in EXPERIMENTS
        if experiment.labels
    ]
    # The report of the first one shows labels of training videos, also where it links those of others.
    first = [("train", EXPERIMENTS[0].labels)] if EXPERIMENTS[0].labels else []
    return list(dict.fromkeys([*first, *pairs]))


def tables_of_run(stage):
    """Tables of a stage of the training videos, and of the others where an experiment links their labels."""
    splits = dict.fromkeys(split for split, _ in labelled_splits())
    return [
        path for split in splits for path in shards(f"<results>/{stage}/{{split}}/{{shard}}.parquet", split)
    ]
