"""Bring a folder of DAVIS annotations into YTVIS layout, for the videos of some frame indices."""

import argparse

import pyarrow.compute as pc

from uvis_core.evaluation.davis_annotations import ytvis_truth
from uvis_core.io.atomic import write_json
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.tables import read_table
from uvis_core.jobs import run_job


def main(arguments: argparse.Namespace) -> None:
    """Read which videos there are, convert their annotations, write the json."""
    videos = {
        name
        for path in arguments.frames
        for name in pc.unique(read_table(path, FRAMES, ["video_id"])["video_id"]).to_pylist()
    }
    write_json(arguments.output, ytvis_truth(arguments.annotations, videos))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--annotations", required=True, metavar="DIR", help="a folder per video, a PNG image per frame"
    )
    parser.add_argument(
        "--frames", required=True, nargs="+", metavar="FILE", help="tables of frames of the videos wanted"
    )
    parser.add_argument("--output", required=True, metavar="FILE", help="annotations to write (json)")
    run_job(main, parser)
