"""Join the tracks of all shards into one results file in YTVIS layout."""

import argparse

from uvis_core.jobs import run_job
from uvis_core.tracks.merge import merge_tracks


def main(arguments: argparse.Namespace) -> None:
    """Merge the tables that the command line names."""
    merge_tracks(arguments.output, arguments.tracks, arguments.frames, arguments.truth)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--tracks", required=True, nargs="+", metavar="FILE", help="tables of tracks, all shards"
    )
    parser.add_argument(
        "--frames", required=True, nargs="+", metavar="FILE", help="tables of frames, same shards"
    )
    parser.add_argument(
        "--truth", metavar="FILE", help="YTVIS json whose video ids are used (default: 1, 2, …)"
    )
    parser.add_argument("--output", required=True, metavar="FILE", help="results to write (JSON)")
    run_job(main, parser)
