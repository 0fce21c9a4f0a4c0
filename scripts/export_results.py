"""Write the labels or the tracks of all shards of a split in a format that others read."""

import argparse

from uvis_core.config.base import add_settings, read_settings
from uvis_core.config.exports import SINGLE_FILES, ExportOptions
from uvis_core.exports.content import Content
from uvis_core.exports.formats import FILES, FOLDERS, write_export
from uvis_core.exports.labels import label_content
from uvis_core.exports.tracks import track_content
from uvis_core.io.errors import UserError
from uvis_core.io.vocabulary import read_vocabulary
from uvis_core.jobs import run_job

NEEDED = {"labels": ("labels", "masks"), "tracks": ("tracks",)}

WRITTEN = (
    f"{', '.join(sorted(SINGLE_FILES))}: the json; other formats: index.json of the folder that they fill, and whose "
    "other files they replace"
)


def read_content(arguments: argparse.Namespace) -> Content:
    """The results that the command line names.

    Raises:
        UserError: Tables are missing, or they do not belong together.
    """
    missing = [f"--{name}" for name in NEEDED[arguments.of] if getattr(arguments, name) is None]
    if missing:
        raise UserError(
            f"--of {arguments.of} needs {', '.join(missing)}", fix="give the tables of all shards"
        )
    names = {entry.id: entry.name for entry in read_vocabulary(arguments.vocabulary).classes}
    options = read_settings(arguments, ExportOptions)
    shared = (arguments.frames, names, arguments.truth, arguments.image_root, arguments.plan, options)
    if arguments.of == "labels":
        return label_content(arguments.labels, arguments.masks, *shared)
    return track_content(arguments.tracks, *shared)


def main(arguments: argparse.Namespace) -> None:
    """Export the split that the command line names."""
    write_export(arguments.output, arguments.format, read_content(arguments))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--format", required=True, choices=sorted({*FILES, *FOLDERS}), help="what to write")
    parser.add_argument("--of", required=True, choices=sorted(NEEDED), help="which results")
    for name in ("labels", "masks", "tracks"):
        parser.add_argument(f"--{name}", nargs="+", metavar="FILE", help=f"{name} tables of all shards")
    parser.add_argument(
        "--frames", required=True, nargs="+", metavar="FILE", help="frames tables, in the same order"
    )
    parser.add_argument("--vocabulary", required=True, metavar="FILE", help="the classes")
    parser.add_argument(
        "--truth", metavar="FILE", help="truth table whose numbers the videos get (default: those of --plan)"
    )
    parser.add_argument(
        "--plan",
        metavar="FILE",
        help="plan whose numbers they get, where a json gave them any (default: 1, 2, …)",
    )
    parser.add_argument(
        "--image-root", default=".", metavar="FOLDER", help="names of images become relative to it"
    )
    parser.add_argument("--output", required=True, metavar="FILE", help=WRITTEN)
    add_settings(parser, ExportOptions)
    run_job(main, parser)
