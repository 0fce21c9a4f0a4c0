"""Check a results file and pack it for the YTVIS or OVIS server."""

import argparse
import logging

from uvis_core.evaluation.submission import make_submission
from uvis_core.jobs import run_job


def main(arguments: argparse.Namespace) -> None:
    """Check, pack, and say what may not be meant."""
    for warning in make_submission(arguments.predictions, arguments.split, arguments.output):
        logging.getLogger("uvis").warning("%s", warning)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--predictions", required=True, metavar="FILE", help="results (YTVIS json)")
    parser.add_argument(
        "--split", required=True, metavar="FILE", help="the split's json, annotations not needed"
    )
    parser.add_argument("--output", required=True, metavar="FILE", help="zip to write")
    run_job(main, parser)
