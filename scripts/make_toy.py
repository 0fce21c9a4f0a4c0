"""Make one split of the toy data set: mp4 files and their truth in YTVIS layout."""

import argparse

from uvis_core.config.base import add_settings, read_settings
from uvis_core.config.toy import ToySettings
from uvis_core.jobs import run_job
from uvis_core.toy.names import SPLITS
from uvis_core.toy.split import make_split


def main(arguments: argparse.Namespace) -> None:
    """Make the split that the command line asks for."""
    settings = read_settings(arguments, ToySettings)
    make_split(arguments.output_videos, arguments.truth, arguments.split, settings, arguments.workers)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output-videos", required=True, metavar="FOLDER", help="folder for {video_id}.mp4")
    parser.add_argument("--truth", required=True, metavar="FILE", help="truth in YTVIS layout (JSON)")
    parser.add_argument("--split", required=True, choices=SPLITS, help="which split to make")
    parser.add_argument("--workers", type=int, default=1, help="videos made side by side (default: 1)")
    add_settings(parser, ToySettings)
    run_job(main, parser)
