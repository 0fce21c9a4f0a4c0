"""List the videos of a source and spread them over shards, as the workflow does when it starts."""

import argparse

from uvis_core.config.base import add_settings, read_settings
from uvis_core.config.frames import SourceSettings
from uvis_core.frames.plan_file import update_plan
from uvis_core.frames.sources import list_videos
from uvis_core.jobs import log, run_job


def main(arguments: argparse.Namespace) -> None:
    """Plan the source that the command line names."""
    source = read_settings(arguments, SourceSettings, prefix="source.")
    index = update_plan(arguments.output, list_videos(source), arguments.shards)
    for name, shard in index.items():
        log.info("%s: %d videos", name, shard.videos)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shards", type=int, default=1, help="largest number of shards (default: 1)")
    parser.add_argument("--output", required=True, metavar="FILE", help="plan (Parquet); its index as .json")
    add_settings(parser, SourceSettings, prefix="source.")
    run_job(main, parser)
