"""Section of the pipeline: what came in, what was removed and why, what is left."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from uvis_core.io.schemas.labels import CRITERIA, KEPT
from uvis_core.pages.formats import format_count
from uvis_core.report.counts import SCORES, FrameCounts, TrackCounts, VerdictCounts

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


@dataclass(frozen=True)
class ClassRow:
    """Masks of one class: how many came, how many each reason removed, how many stayed."""

    class_id: int
    name: str
    total: int
    removed: tuple[int, ...]
    kept: int


def facts(
    train: FrameCounts,
    masks: int,
    labels: VerdictCounts,
    tracks: TrackCounts,
    test: FrameCounts,
    names: Mapping[int, str],
) -> dict[str, Any]:
    """What the section shows.

    Args:
        train: Of the labelled videos.
        masks: Number of their masks.
        labels: What became of them.
        tracks: Of the tracked videos.
        test: Of the tracked videos.
        names: Class name by class id, in order.
    """
    reasons = reasons_present(labels)
    rows = class_rows(labels, names, reasons)
    return {
        "stations": stations(train, masks, labels, tracks, test),
        "masks_total": masks,
        "verdicts": verdicts(masks, labels),
        "reasons": removals(reasons),
        # A single class has the numbers of all masks.
        "class_rows": rows if len(rows) > 1 else [],
    }


def stations(
    train: FrameCounts, masks: int, labels: VerdictCounts, tracks: TrackCounts, test: FrameCounts
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


def reasons_present(counts: VerdictCounts) -> list[str]:
    """The three scores' reasons in the order of the thresholds, then others that removed something."""
    found = counts.by_reason()
    others = [reason for reason in CRITERIA if found[reason] and reason not in SCORES]
    return [*SCORES, *others, *sorted(set(found) - set(CRITERIA) - {KEPT})]


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


def verdicts(masks: int, labels: VerdictCounts) -> list[Verdict]:
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


def class_rows(counts: VerdictCounts, names: Mapping[int, str], reasons: Iterable[str]) -> list[ClassRow]:
    """One row per class of the vocabulary, in its order, then classes that are only in the tables."""
    reasons = list(reasons)
    unknown = sorted({class_id for class_id, _ in counts.verdicts} - set(names))
    rows = []
    for class_id in [*names, *unknown]:
        removed = tuple(counts.verdicts[(class_id, reason)] for reason in reasons)
        kept = counts.verdicts[(class_id, KEPT)]
        rows.append(
            ClassRow(class_id, names.get(class_id, f"class {class_id}"), sum(removed) + kept, removed, kept)
        )
    return rows
