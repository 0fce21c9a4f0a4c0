"""Gather the pseudo-labels of all shards of a split in one file that training reads memory-mapped."""

import argparse
import logging

from uvis_core.io.stamp import add_code_digest, stamp
from uvis_core.io.vocabulary import read_vocabulary
from uvis_core.jobs import run_job
from uvis_core.labels.samples import gather_samples

log = logging.getLogger("uvis")


def main(arguments: argparse.Namespace) -> None:
    """Gather the split that the command line names."""
    names = {entry.id: entry.name for entry in read_vocabulary(arguments.vocabulary).classes}
    counts = gather_samples(
        arguments.output, arguments.labels, arguments.masks, arguments.frames, names, stamp(arguments)
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
    parser.add_argument("--output", required=True, metavar="FILE", help="training samples (.arrow)")
    add_code_digest(parser)
    run_job(main, parser)
