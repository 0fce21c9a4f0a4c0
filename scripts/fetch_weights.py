"""Fetch published weights by their known name, or those of an open_clip model and tag."""

import argparse

from uvis_core.jobs import log, run_job
from uvis_core.weights.fetch import fetch_known
from uvis_core.weights.known import registry


def main(arguments: argparse.Namespace) -> None:
    """Fetch what the command line names; what is there already is checked and kept."""
    for name in arguments.names:
        log.info("%s: %s", name, fetch_known(name, arguments.folder))
    if arguments.open_clip:
        # It takes seconds to import, which known names need not wait for.
        from uvis_core.crops.fetch import fetch_tag

        fetch_tag(*arguments.open_clip)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(registry())}")
    parser.add_argument("--folder", default="weights", help="where files go (default: weights)")
    parser.add_argument(
        "--open-clip",
        nargs=3,
        metavar=("MODEL", "TAG", "FILE"),
        help="weights of an open_clip tag, and where they go",
    )
    run_job(main, parser)
