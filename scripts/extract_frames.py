"""Decode or index the frames of one shard of a source's videos."""

import argparse

from uvis_core.config.base import add_settings, read_settings
from uvis_core.config.frames import FramesSettings, SourceSettings, check_sampling
from uvis_core.frames.extraction import extract_shard
from uvis_core.frames.plan import shard_entries
from uvis_core.frames.sources import list_videos
from uvis_core.io.atomic import write_json
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.stamp import add_code_digest, stamp
from uvis_core.io.tables import write_table
from uvis_core.jobs import run_job


def main(arguments: argparse.Namespace) -> None:
    """Extract the shard that the command line names."""
    settings = read_settings(arguments, FramesSettings, prefix="")
    source = read_settings(arguments, SourceSettings, prefix="source.")
    try:
        check_sampling(settings, source)
    except ValueError as error:
        raise UserError(
            f"frames: {error}", fix="set frames.stride and frames.fps to null, or change the source"
        ) from error
    entries = list_videos(source, arguments.cache_folder)
    if arguments.shard:
        entries = shard_entries(entries, arguments.shard)
    columns, failures = extract_shard(entries, settings, arguments.image_folder, workers=arguments.workers)
    write_json(arguments.failures, failures, indent=1)
    write_table(
        arguments.output,
        FRAMES,
        columns,
        stamp(arguments, settings, exclude=frozenset({"max_failed_share"})),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", required=True, metavar="FILE", help="frames table (Parquet)")
    parser.add_argument(
        "--failures", required=True, metavar="FILE", help="ledger of unreadable videos (JSON)"
    )
    parser.add_argument(
        "--image-folder", required=True, metavar="FOLDER", help="parent of the decoded frames"
    )
    parser.add_argument("--shard", metavar="NAME", help="such as shard-00-of-04 (default: all videos)")
    parser.add_argument("--cache-folder", metavar="FOLDER", help="where the listing of a ytvis json is kept")
    parser.add_argument("--workers", type=int, default=1, help="videos decoded at the same time (default: 1)")
    add_code_digest(parser)
    add_settings(parser, FramesSettings)
    add_settings(parser, SourceSettings, prefix="source.")
    run_job(main, parser)
