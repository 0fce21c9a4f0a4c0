"""Divide an annotated YTVIS or OVIS json into sub-train and sub-val: a list of videos and a truth for each."""

import argparse

from uvis_core.config.base import add_settings, read_settings
from uvis_core.config.labelled_split import LabelledSplitSettings
from uvis_core.frames.split import held_out_videos, part_of, video_classes
from uvis_core.io.atomic import read_json, write_json
from uvis_core.jobs import log, run_job


def main(arguments: argparse.Namespace) -> None:
    """Split the json that the command line names."""
    settings = read_settings(arguments, LabelledSplitSettings)
    content = read_json(arguments.annotations)
    classes = video_classes(content, arguments.annotations)
    held_out = held_out_videos(classes, settings)
    for part, names, (videos_path, truth_path) in (
        ("sub-train", classes.keys() - held_out, arguments.train),
        ("sub-val", held_out, arguments.test),
    ):
        listing, truth = part_of(content, names)
        write_json(videos_path, listing)
        write_json(truth_path, truth)
        log.info("%s: %d videos, %d annotations", part, len(listing["videos"]), len(truth["annotations"]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--annotations", required=True, metavar="FILE", help="annotated json in YTVIS or OVIS layout"
    )
    for part, meaning in (("train", "sub-train"), ("test", "sub-val")):
        parser.add_argument(
            f"--{part}",
            required=True,
            nargs=2,
            metavar=("VIDEOS", "TRUTH"),
            help=f"where to write {meaning}: its videos without annotations, and its truth (both JSON)",
        )
    add_settings(parser, LabelledSplitSettings)
    run_job(main, parser)
