"""Read labels that a person corrected in another tool, and write what changed as corrections by mask id."""

import argparse
from collections import Counter
from pathlib import Path

from uvis_core.io.corrections import read_corrections, write_corrections
from uvis_core.jobs import run_job
from uvis_core.labels.compare import Changes, compare_labels
from uvis_core.labels.exported import read_exported


def changes_text(changes: Changes) -> str:
    """What was found, and what a correction cannot carry."""
    verdicts = Counter(one.verdict for one in changes.corrections.values())
    text = (
        f"{verdicts['reject']} labels are gone: rejected; {verdicts['rename']} have another class: renamed; "
        f"{changes.untouched} stay"
    )
    if changes.reshaped or changes.added:
        text += (
            f"\nNot carried: {changes.reshaped} masks of another shape and {changes.added} new ones, for a correction "
            "accepts, rejects or renames a mask that is there; drawn masks can serve as truth."
        )
    return text


def main(arguments: argparse.Namespace) -> None:
    """Compare, and put the corrections beside those that the file has already."""
    exported, corrected = (read_exported(path) for path in (arguments.exported, arguments.corrected))
    changes = compare_labels(exported, corrected)
    output = Path(arguments.output)
    earlier = read_corrections(output, exported.class_names) if output.exists() else {}
    write_corrections(output, earlier | changes.corrections)
    print(changes_text(changes))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--exported",
        required=True,
        metavar="PATH",
        help="the labels as the exports stage wrote them: the folder of the format cvat, or the json of ytvis",
    )
    parser.add_argument(
        "--corrected",
        required=True,
        metavar="PATH",
        help="the same labels, corrected: an xml of CVAT's, a folder of them, or a json; of videos that are not in it "
        "nothing is said",
    )
    parser.add_argument(
        "--output",
        required=True,
        metavar="FILE",
        help="csv for labels.corrections; corrections that it holds already stay, unless the mask has a new one",
    )
    run_job(main, parser)
