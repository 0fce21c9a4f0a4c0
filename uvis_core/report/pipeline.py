"""The counts of the pipeline in the form that the page shows: stations and verdicts."""

from dataclasses import dataclass

from uvis_core.report.funnel import KEPT, FrameCounts, LabelCounts, TrackCounts, reasons_present

REASON_NAMES = {"class_score": "class score"}
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


def stations(
    train: FrameCounts, labels: LabelCounts, tracks: TrackCounts, test: FrameCounts
) -> list[Station]:
    """From the frames of the labelled videos to the tracks of the tracked ones."""
    per_frame = f"{labels.total / train.frames:.1f} per frame, of no class yet" if train.frames else ""
    share = f"{labels.kept / labels.total:.1%} of the masks" if labels.total else ""
    return [
        Station("frames", train.frames, f"of {train.videos} labelled videos"),
        Station("masks", labels.total, per_frame),
        Station("pseudo-labels kept", labels.kept, share),
        Station("tracks", tracks.tracks, f"in {test.videos} tracked videos, {test.frames} frames"),
    ]


def verdicts(labels: LabelCounts) -> list[Verdict]:
    """Masks kept, then those removed by each threshold."""
    numbers = labels.by_reason()
    fates = [(KEPT, "kept as pseudo-labels", "--kept")]
    for place, reason in enumerate(reasons_present(labels)):
        fates.append(
            (reason, f"removed: {reason_name(reason)}", REASON_COLOURS[min(place, len(REASON_COLOURS) - 1)])
        )
    whole = max(1, labels.total)
    return [
        Verdict(name, numbers[key], round(100 * numbers[key] / whole, 1), colour)
        for key, name, colour in fates
    ]


def reason_name(reason: str) -> str:
    """A reason of removal in words."""
    return REASON_NAMES.get(reason, reason)
