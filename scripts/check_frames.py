"""Stop when too many videos of a split could not be read; otherwise write what was."""

import argparse

from uvis_core.frames.check import check_frames
from uvis_core.io.atomic import write_json
from uvis_core.jobs import run_job


def main(arguments: argparse.Namespace) -> None:
    """Check the split that the command line names."""
    summary = check_frames(arguments.frames, arguments.failures, arguments.max_failed_share)
    write_json(arguments.output, summary, indent=1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--frames", required=True, nargs="+", metavar="FILE", help="frames tables of all shards"
    )
    parser.add_argument(
        "--failures", required=True, nargs="+", metavar="FILE", help="failure ledgers of all shards"
    )
    parser.add_argument(
        "--max-failed-share", type=float, required=True, help="share of videos that may fail, 0 to 1"
    )
    parser.add_argument("--output", required=True, metavar="FILE", help="summary (JSON)")
    run_job(main, parser)
