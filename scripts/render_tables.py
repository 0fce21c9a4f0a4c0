"""Show gathered tables, a run's figures beside published ones, on one self-contained HTML page."""

import argparse

from uvis_core.comparison.page import write_comparison
from uvis_core.jobs import run_job


def main(arguments: argparse.Namespace) -> None:
    """Render the page that the command line asks for."""
    write_comparison(arguments.output, arguments.tables)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", required=True, metavar="FILE", help="gathered tables (json)")
    parser.add_argument("--output", required=True, metavar="FILE", help="the page (HTML)")
    run_job(main, parser)
