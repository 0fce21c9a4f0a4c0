"""Gather the pseudo-labels of all shards of a split in one json of YTVIS layout."""

import argparse
import logging

from uvis_core.io.vocabulary import read_vocabulary
from uvis_core.jobs import run_job
from uvis_core.labels.merge import merge_labels

log = logging.getLogger("uvis")


def main(arguments: argparse.Namespace) -> None:
    """Merge the split that the command line names."""
    names = {entry.id: entry.name for entry in read_vocabulary(arguments.vocabulary).classes}
    counts = merge_labels(
        arguments.output, arguments.labels, arguments.masks, arguments.frames, names, arguments.image_root
    )
    log.info("crops by verdict: %s", counts)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--labels", required=True, nargs="+", metavar="FILE", help="labels tables of all shards"
    )
    parser.add_argument(
        "--masks", required=True, nargs="+", metavar="FILE", help="masks tables, in the same order"
    )
    parser.add_argument(
        "--frames", required=True, nargs="+", metavar="FILE", help="frames tables, in the same order"
    )
    parser.add_argument("--vocabulary", required=True, metavar="FILE", help="the classes")
    parser.add_argument(
        "--image-root", default=".", metavar="FOLDER", help="file_names become relative to it"
    )
    parser.add_argument("--output", required=True, metavar="FILE", help="labels in YTVIS layout (JSON)")
    run_job(main, parser)
