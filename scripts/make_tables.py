"""Put the figures of many runs into tables beside the published ones."""

import argparse

from uvis_core.comparison.gather import gather_tables, read_runs
from uvis_core.comparison.markdown import as_markdown
from uvis_core.comparison.published import read_published
from uvis_core.config.base import add_settings, read_settings
from uvis_core.config.comparison import ComparisonSettings
from uvis_core.io.atomic import write_json, write_text
from uvis_core.jobs import run_job


def main(arguments: argparse.Namespace) -> None:
    """Make the tables that the command line asks for."""
    tables = gather_tables(
        read_settings(arguments, ComparisonSettings),
        read_published(arguments.published),
        read_runs(arguments.figures),
        read_runs(arguments.label_figures),
    )
    write_json(arguments.output, {"dataset": arguments.dataset, "tables": tables}, indent=1)
    write_text(arguments.markdown, as_markdown(tables, arguments.dataset))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, metavar="NAME", help="name of the run's data set")
    parser.add_argument("--published", required=True, metavar="FILE", help="published figures (json)")
    parser.add_argument(
        "--figures",
        nargs="*",
        default=[],
        metavar="NAME=FILE",
        help="figures of an experiment, one file per seed (json)",
    )
    parser.add_argument(
        "--label-figures",
        nargs="*",
        default=[],
        metavar="NAME=FILE",
        help="figures of a labels variant's pseudo-labels (json)",
    )
    parser.add_argument("--output", required=True, metavar="FILE", help="the tables (json)")
    parser.add_argument("--markdown", required=True, metavar="FILE", help="the tables to read (Markdown)")
    add_settings(parser, ComparisonSettings)
    run_job(main, parser)
