"""Decode or index the frames of one shard of a plan."""

import argparse
import os

from uvis_core.config.base import add_settings, read_settings
from uvis_core.config.frames import FramesSettings
from uvis_core.frames.extraction import extract_shard
from uvis_core.frames.plan_file import read_shard
from uvis_core.io.atomic import write_json
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.stamp import add_code_digest, stamp
from uvis_core.io.tables import write_table
from uvis_core.jobs import run_job


def main(arguments: argparse.Namespace) -> None:
    """Extract the shard that the command line names."""
    settings = read_settings(arguments, FramesSettings)
    entries = read_shard(arguments.plan, arguments.shard)
    columns, failures, content = extract_shard(
        entries, settings, arguments.image_folder, workers=arguments.workers
    )
    # A table outlives a power failure, and so must the frames that it names. Once for all of them: to wait for each
    # takes longer than to decode it.
    os.sync()
    write_json(arguments.failures, failures, indent=1)
    provenance = stamp(arguments, settings, exclude=frozenset({"max_failed_share"}))
    write_table(arguments.output, FRAMES, columns, provenance | {"content": content})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--plan", required=True, metavar="FILE", help="plan of the split, by scripts/plan_videos.py (Parquet)"
    )
    parser.add_argument("--shard", required=True, metavar="NAME", help="such as shard-00-of-04")
    parser.add_argument("--output", required=True, metavar="FILE", help="frames table (Parquet)")
    parser.add_argument(
        "--failures", required=True, metavar="FILE", help="ledger of unreadable videos (JSON)"
    )
    parser.add_argument(
        "--image-folder", required=True, metavar="FOLDER", help="parent of the decoded frames"
    )
    parser.add_argument("--workers", type=int, default=1, help="videos decoded at the same time (default: 1)")
    add_code_digest(parser)
    add_settings(parser, FramesSettings)
    run_job(main, parser)
