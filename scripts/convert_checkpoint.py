"""Convert a public checkpoint into the form that training and tracks load."""

import argparse
from pathlib import Path

from uvis_core.jobs import run_job
from uvis_core.model.conversion import convert_minvis


def main(arguments: argparse.Namespace) -> None:
    """Convert the checkpoint that the command line names."""
    convert_minvis(
        arguments.checkpoint,
        arguments.output,
        arguments.class_ids,
        downsample_in_bottleneck=arguments.downsample_in_bottleneck,
        recipe=arguments.source,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--source", required=True, choices=["minvis", "videocutler"], help="whose checkpoint it is"
    )
    parser.add_argument("--checkpoint", type=Path, required=True, metavar="FILE", help="as published (.pth)")
    parser.add_argument(
        "--output", type=Path, required=True, metavar="FOLDER", help="gets model.safetensors, config.json"
    )
    parser.add_argument(
        "--class-ids",
        type=int,
        nargs="+",
        metavar="ID",
        help="data set id of each class of the checkpoint (default: 1, 2, … as YTVIS and OVIS number theirs; "
        "VideoCutLER has one, of objects)",
    )
    parser.add_argument(
        "--downsample-in-bottleneck",
        action="store_true",
        help="the backbone has stride 2 in its 1 x 1 convolutions; published models have not",
    )
    run_job(main, parser)
