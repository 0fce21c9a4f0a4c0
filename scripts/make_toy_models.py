"""Make one of the small models that come with the repository, from generated images alone."""

import argparse
from collections.abc import Callable
from pathlib import Path

import torch

from uvis_core.jobs import run_job
from uvis_core.toy.models_backbone import make_backbone
from uvis_core.toy.models_clip import make_clip
from uvis_core.toy.models_detector import make_detector
from uvis_core.toy.models_minvis import make_augmented, make_kinds, make_minvis

Maker = Callable[[Path, int, int], None]
# Name: what makes it, and the optimiser steps that the embedded one was given.
MODELS: dict[str, tuple[Maker, int]] = {
    "detector": (make_detector, 4000),
    "clip": (make_clip, 1200),
    "backbone": (make_backbone, 12000),
    "minvis": (make_minvis, 14000),
    "kinds": (make_kinds, 3000),
    "augmented": (make_augmented, 4000),
}


def main(arguments: argparse.Namespace) -> None:
    """Make the model that the command line names."""
    make, usual_steps = MODELS[arguments.model]
    torch.set_num_threads(arguments.threads)
    make(Path(arguments.output_folder), arguments.steps or usual_steps, arguments.seed)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=MODELS, help="which model to make")
    parser.add_argument(
        "--output-folder",
        default="uvis_core/toy/weights",
        metavar="FOLDER",
        help="receives the files (default: %(default)s)",
    )
    parser.add_argument(
        "--steps", type=int, help="optimiser steps (default: as many as the embedded model was given)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of images, weights and order (default: 0)")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads (default: 1)")
    run_job(main, parser)
