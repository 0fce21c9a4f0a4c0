"""Evaluate pseudo-labels: F1, precision and recall against per-frame truth, over the thresholds too."""

import argparse

from uvis_core.evaluation.labels.quality import evaluate_labels, quality_table
from uvis_core.io.atomic import write_json
from uvis_core.io.vocabulary import read_vocabulary
from uvis_core.jobs import run_job


def main(arguments: argparse.Namespace) -> None:
    """Take the figures, write them, print them."""
    vocabulary = read_vocabulary(arguments.vocabulary)
    figures = evaluate_labels(arguments.labels, arguments.masks, arguments.truth, vocabulary)
    write_json(arguments.output, figures, indent=1)
    print(quality_table(figures))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--labels", required=True, nargs="+", metavar="FILE", help="labels tables of all shards (Parquet)"
    )
    parser.add_argument(
        "--masks", required=True, nargs="+", metavar="FILE", help="masks tables, in the same order"
    )
    parser.add_argument(
        "--truth",
        required=True,
        metavar="FILE",
        help="truth of the same split (table, or YTVIS or OVIS json)",
    )
    parser.add_argument("--vocabulary", required=True, metavar="FILE", help="the classes: names and ids")
    parser.add_argument("--output", required=True, metavar="FILE", help="figures to write (json)")
    run_job(main, parser)
