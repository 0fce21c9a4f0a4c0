"""Open a local page over the tables of a run: tune thresholds, search, see and correct its labels."""

import argparse
from pathlib import Path

from uvis_core.explorer.pages.app import serve
from uvis_core.explorer.run import PARTS, open_run
from uvis_core.jobs import run_job


def main(arguments: argparse.Namespace) -> None:
    """Serve the page until it is interrupted."""
    run = open_run(arguments.results)
    for part in PARTS:
        if reason := run.unavailable(part):
            print(reason)
    output = Path(arguments.output) if arguments.output else run.path / "explorer"
    print(f"http://127.0.0.1:{arguments.port} shows {run.path}; Ctrl-C ends it", flush=True)
    serve(run, output, arguments.port, show=not arguments.no_browser)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", required=True, metavar="FOLDER", help="results/<dataset> of the run")
    parser.add_argument(
        "--output",
        metavar="FOLDER",
        help="where thresholds and corrections are written (default: explorer/ in the results)",
    )
    parser.add_argument("--port", type=int, default=8321, help="of 127.0.0.1 (default: 8321)")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    run_job(main, parser)
