"""Bring the annotations of a split, whatever their format, into its table of truth."""

import argparse

from uvis_core.io.annotations.read import read_foreign
from uvis_core.io.schemas.plan import PLAN
from uvis_core.io.stamp import add_code_digest, stamp
from uvis_core.io.tables import read_table
from uvis_core.io.vocabulary import read_vocabulary
from uvis_core.jobs import run_job
from uvis_core.truth.write import write_truth


def main(arguments: argparse.Namespace) -> None:
    """Read the annotations, write those of the videos wanted."""
    names = None
    if arguments.plan is not None:
        names = read_table(arguments.plan, PLAN, ["video_id"])["video_id"].to_pylist()
    class_ids = None
    if arguments.vocabulary is not None:
        class_ids = {entry.name: entry.id for entry in read_vocabulary(arguments.vocabulary).classes}
    write_truth(arguments.output, read_foreign(arguments.annotations, class_ids), names, stamp(arguments))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--annotations",
        required=True,
        metavar="PATH",
        help="json in YTVIS or OVIS layout, an xml of CVAT's or a folder with one per video, or a folder of DAVIS "
        "annotations (a folder per video, a PNG image per frame)",
    )
    parser.add_argument(
        "--vocabulary", metavar="FILE", help="the classes, whose ids those of CVAT's files get by their names"
    )
    parser.add_argument(
        "--plan", metavar="FILE", help="plan of the videos wanted (default: all annotated ones)"
    )
    parser.add_argument("--output", required=True, metavar="FILE", help="table of truth (Parquet)")
    add_code_digest(parser)
    run_job(main, parser)
