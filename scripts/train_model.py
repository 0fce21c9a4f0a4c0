"""Fit the segmentation network to pseudo-labels; runs alone or under torchrun."""

import argparse
import json
from pathlib import Path

from uvis_core.config.base import add_settings, read_settings
from uvis_core.config.training import TrainingSettings
from uvis_core.io.stamp import add_code_digest
from uvis_core.jobs import add_runtime, run_job
from uvis_core.training.denormals import flushed_denormals
from uvis_core.training.heap import keep_freed_memory
from uvis_core.training.launch import launched, relaunch_if_many
from uvis_core.training.lock import LOCK_NAME, trained_by_another
from uvis_core.training.loop import train, training_fingerprint
from uvis_core.training.processes import joined_processes


def main(arguments: argparse.Namespace) -> None:
    """Train as the arguments say."""
    settings = read_settings(arguments, TrainingSettings)
    # Before others are started, because they would wait for the first in vain.
    if not launched() and arguments.output.with_name(LOCK_NAME).exists():
        wanted = training_fingerprint(settings, arguments.samples, arguments.seed, arguments.code_digest)
        if trained_by_another(arguments.output, wanted):
            return
    relaunch_if_many(arguments.gpus, arguments.nodes, arguments.threads)
    keep_freed_memory()
    with joined_processes(arguments.device) as processes, flushed_denormals():
        train(
            settings,
            arguments.samples,
            arguments.output,
            arguments.seed,
            processes,
            tested=arguments.tested,
            code=arguments.code_digest,
            workers=arguments.workers,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--samples", type=Path, required=True, help="labelled frames, from gather_samples.py (.arrow)"
    )
    parser.add_argument("--output", type=Path, required=True, help="checkpoint to write (.safetensors)")
    parser.add_argument(
        "--tested",
        type=json.loads,
        metavar="JSON",
        help="settings of the tracks stage that it will be tested with, kept in config.json; change no weight",
    )
    parser.add_argument("--seed", type=int, default=0, help="of weights, samples and points (default: 0)")
    parser.add_argument(
        "--gpus", type=int, default=0, help="GPUs per node, one process each (default: one process)"
    )
    parser.add_argument(
        "--nodes", type=int, default=1, help="nodes of a Slurm job that train together (default: 1)"
    )
    parser.add_argument("--threads", type=int, default=1, help="CPUs per node of several (default: 1)")
    add_code_digest(parser)
    add_runtime(parser)
    add_settings(parser, TrainingSettings)
    run_job(main, parser)
