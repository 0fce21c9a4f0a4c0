"""Evaluate predicted tracks against the truth: figures of YTVIS, OVIS or DAVIS, HOTA and IDF1."""

import argparse

from uvis_core.config.base import add_settings, read_settings
from uvis_core.config.evaluation import EvaluationSettings
from uvis_core.evaluation.evaluate import average_precision, evaluate_tracks
from uvis_core.evaluation.summary import figures_table
from uvis_core.io.atomic import write_json
from uvis_core.jobs import run_job


def main(arguments: argparse.Namespace) -> None:
    """Take the figures, write them, print them."""
    settings = read_settings(arguments, EvaluationSettings)
    take = average_precision if arguments.only_ap else evaluate_tracks
    figures = take(arguments.ground_truth, arguments.predictions, settings, arguments.frames)
    write_json(arguments.output, figures, indent=1)
    print(figures_table(figures))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, conflict_handler="resolve")
    parser.add_argument(
        "--ground-truth",
        required=True,
        metavar="PATH",
        help="truth (table, YTVIS or OVIS json, or a folder of DAVIS annotations)",
    )
    parser.add_argument(
        "--predictions",
        required=True,
        nargs="+",
        metavar="FILE",
        help="results (YTVIS json), or tracks tables of all shards (Parquet)",
    )
    parser.add_argument(
        "--frames",
        nargs="+",
        default=(),
        metavar="FILE",
        help="frames tables in the order of the tracks tables; their videos must be as long as the truth's",
    )
    parser.add_argument("--output", required=True, metavar="FILE", help="figures to write (json)")
    parser.add_argument(
        "--only-ap",
        action="store_true",
        help="take the figures of the protocol alone, in less time: none by class or by video, no curves, confusion, "
        "HOTA or IDF1",
    )
    add_settings(parser, EvaluationSettings)
    parser.add_argument(
        "--class-agnostic",
        dest="settings.class_agnostic",
        nargs="?",
        const="true",
        metavar="BOOL",
        default=argparse.SUPPRESS,
        help="whether masks alone count and classes do not (bare: true; default: false)",
    )
    run_job(main, parser)
