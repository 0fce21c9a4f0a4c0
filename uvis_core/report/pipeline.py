"""The counts of the pipeline in the form that the page shows: stations and verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass

from uvis_core.report.funnel import KEPT, FrameCounts, LabelCounts, TrackCounts, reasons_present
from uvis_core.report.page import format_count

REASON_NAMES = {"class_score": "class score"}
SHORT_NAMES = {"objectness": "obj.", "class_score": "class", "similarity": "sim."}
REASON_COLOURS = ("--r0", "--r1", "--r2", "--r3", "--r4")


@dataclass(frozen=True)
class Station:
    """One of the numbers on the way from frames to tracks."""

    name: str
    number: int
    detail: str


@dataclass(frozen=True)
class Verdict:
    """How many masks met one fate; ``share`` in percent, ``colour`` a property of the style sheet."""

    name: str
    number: int
    share: float
    colour: str


@dataclass(frozen=True)
class Removal:
    """A reason of removal: its name, a name for narrow columns, its colour in the style sheet."""

    name: str
    short: str
    colour: str


def stations(
    train: FrameCounts, masks: int, labels: LabelCounts, tracks: TrackCounts, test: FrameCounts
) -> list[Station]:
    """From the frames of the labelled videos to the tracks of the tracked ones."""
    per_frame = f"{masks / train.frames:.1f} per frame, of no class yet" if train.frames else ""
    share = f"{100 * labels.kept / masks:.1f} % of the masks" if masks else ""
    return [
        Station("frames", train.frames, f"of {format_count(train.videos, 'labelled video')}"),
        Station("masks", masks, per_frame),
        Station("pseudo-labels kept", labels.kept, share),
        Station(
            "tracks",
            tracks.tracks,
            f"in {format_count(test.videos, 'tracked video')}, {format_count(test.frames, 'frame')}",
        ),
    ]


def removals(reasons: Sequence[str]) -> list[Removal]:
    """The reasons in words and colours; reasons beyond the last colour share it."""
    return [
        Removal(
            name=REASON_NAMES.get(reason, reason),
            short=SHORT_NAMES.get(reason, reason),
            colour=REASON_COLOURS[min(place, len(REASON_COLOURS) - 1)],
        )
        for place, reason in enumerate(reasons)
    ]


def verdicts(masks: int, labels: LabelCounts) -> list[Verdict]:
    """Masks kept, those removed by each threshold, and those without a crop, which were never judged."""
    numbers = labels.by_reason()
    reasons = reasons_present(labels)
    fates = [("kept as pseudo-labels", numbers[KEPT], "--kept")]
    for reason, removal in zip(reasons, removals(reasons), strict=True):
        fates.append((f"removed: {removal.name}", numbers[reason], removal.colour))
    if masks > labels.total:
        fates.append(("without a crop", masks - labels.total, REASON_COLOURS[-1]))
    return [
        Verdict(name, number, round(100 * number / masks, 1) if masks else 0.0, colour)
        for name, number, colour in fates
    ]
