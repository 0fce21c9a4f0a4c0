"""What a hundred thousand videos cost: made-up tables and empty video files of that many, in a temporary folder.

Parts: ``samples`` (the file that training reads: building it, memory of the processes that share it; some 6 GB of
disk), ``workflow`` (a dry run, what every job of a cluster parses, the longest command line), ``evaluation`` (all
figures of made-up tracks, of fewer videos). Prints Markdown.

    python benchmarks/scale.py
    python benchmarks/scale.py --only workflow --videos 10000
"""

import argparse
import tempfile
from collections.abc import Iterable
from pathlib import Path

from scale_evaluation import measure_evaluation
from scale_samples import Sizes, measure_samples
from scale_workflow import measure_workflow

PARTS = ("samples", "workflow", "evaluation")


def print_rows(rows: Iterable[tuple[str, str]]) -> None:
    """Lines of a Markdown table, each as soon as it is known."""
    for what, figures in rows:
        print(f"| {what} | {figures} |", flush=True)


def main(arguments: argparse.Namespace) -> None:
    """Measure the parts that the command line names."""
    print("| what | figures |\n|---|---|", flush=True)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        if "samples" in arguments.only:
            names = ("videos", "frames", "labels", "shards", "processes", "batches")
            sizes = Sizes(**{size: getattr(arguments, size) for size in names})
            print_rows(measure_samples(folder, sizes))
        if "workflow" in arguments.only:
            print_rows(measure_workflow(folder, arguments.videos, arguments.shards))
        if "evaluation" in arguments.only:
            print_rows(
                measure_evaluation(folder, arguments.evaluated_videos, arguments.frames, arguments.shards)
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS)
    )
    for name, default, text in (
        ("videos", 100_000, "videos"),
        ("frames", 25, "frames of each video"),
        ("labels", 10_000_000, "kept labels of all videos"),
        ("shards", 64, "shards"),
        ("processes", 4, "processes that read the samples"),
        ("batches", 1000, "batches that they draw"),
        ("evaluated-videos", 10_000, "videos that are evaluated"),
    ):
        parser.add_argument(f"--{name}", type=int, default=default, help=f"{text} (default: {default:,})")
    parser.add_argument("--folder", metavar="FOLDER", help="where the temporary folder is made")
    main(parser.parse_args())
