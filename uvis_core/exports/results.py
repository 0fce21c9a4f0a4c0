"""YTVIS results, written in pieces: a track of a long video is never whole in memory."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from uvis_core.io.atomic import atomic_path


def write_results(output: Path | str, results: Iterable[Iterable[str]]) -> None:
    """Write a list of results, each in pieces as ``result_pieces`` gives it."""
    with atomic_path(output) as temporary, temporary.open("w", encoding="utf-8") as stream:
        stream.write("[")
        for number, pieces in enumerate(results):
            stream.write(",\n" if number else "\n")
            stream.writelines(pieces)
        stream.write("\n]\n")


def result_pieces(
    head: Mapping[str, Any], size_px: tuple[int, int], frames: int, masks: Iterable[tuple[int, str]]
) -> Iterator[str]:
    """One track as json text in pieces, for videos of any length.

    Args:
        head: Its keys but ``segmentations``.
        size_px: Height and width of the masks.
        frames: Length of the video.
        masks: Place of the frame in the video and compressed run lengths, in the order of time.
    """
    yield json.dumps(head)[:-1] + ', "segmentations": ['
    done = 0
    for place, counts in masks:
        entry = json.dumps({"size": size_px, "counts": counts})
        yield "null, " * (place - done) + entry + (", " if place + 1 < frames else "")
        done = place + 1
    yield ", ".join(["null"] * (frames - done)) + "]}"
