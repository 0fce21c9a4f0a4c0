"""Section of the checks: what can be said of a run without truth, each as a sentence with a number."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from uvis_core.io.schemas.labels import KEPT
from uvis_core.pages.formats import format_count, format_number, shortened
from uvis_core.report.counts import BINS, SCORES, VerdictCounts
from uvis_core.report.overrides import LabelsVariant
from uvis_core.report.reference import (
    REFERENCE_MIXED,
    REFERENCE_UNLABELLED,
    median_of,
    overlap,
    reference_shares,
    shares_of,
)
from uvis_core.report.review.chains import LEAST_LENGTH, Chains
from uvis_core.report.review.sample import Sample
from uvis_core.report.sections.pipeline import REASON_NAMES

CLASSES_NAMED = 5
# From here on a number deserves a look. They were set by eye: the embedded example stays below each of them.
UNLABELLED_FRAMES, MIXED_CHAINS, ONE_CLASS, LEAST_OVERLAP = 0.5, 0.5, 0.8, 0.6
# A threshold that is proposed lets so many of those pass that it removed.
LET_IN = 0.2
LONGEST_NAME = 40
ADVICE = {
    "objectness": "Low: the mask model finds little that is like what it has learned. Give it larger frames, or "
    "weights for such videos.",
    "class_score": "Low: the words do not fit what is there, or resemble each other. Give aliases, or prompts of your "
    "own.",
    "similarity": "Low: the looks of a class differ more than its prototypes can hold. Choose τ anew for this model.",
}


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        text: A sentence with a number.
        ok: Whether it is nothing to look after.
        advice: What to try; empty where there is nothing to do.
        line: What to add to the command of the run for that; empty where it is no matter of a threshold.
    """

    text: str
    ok: bool
    advice: str = ""
    line: str = ""


def facts(
    counts: VerdictCounts,
    sample: Sample,
    chains: Chains,
    names: Mapping[int, str],
    variant: LabelsVariant | None,
) -> dict[str, Any]:
    """What the section shows.

    Args:
        counts: Verdicts and scores of all labels.
        sample: Kept labels of some videos.
        chains: Theirs.
        names: Class name by class id.
        variant: To which a line of configuration belongs.
    """
    if not counts.kept:
        checks = [no_labels(counts, variant)]
    else:
        found = [
            classes_without_labels(counts, names, variant),
            one_class_has_all(counts, names),
            frames_without_label(counts, sample, variant),
            changing_classes(sample, chains),
            *(against_reference(counts, score) for score in SCORES),
        ]
        checks = [check for check in found if check is not None]
    return {
        "checks": sorted(checks, key=lambda check: check.ok),
        "checks_failed": sum(not c.ok for c in checks),
    }


def no_labels(counts: VerdictCounts, variant: LabelsVariant | None) -> Check:
    """Nothing was kept at all."""
    return Check(
        f"No label was kept of {format_count(counts.total, 'mask')}.", False, *loosened(counts, variant)
    )


def classes_without_labels(
    counts: VerdictCounts, names: Mapping[int, str], variant: LabelsVariant | None
) -> Check | None:
    """Classes of the vocabulary that nothing was kept of, and what removed it; None for a single class."""
    if len(names) < 2:
        return None
    kept = counts.kept_per_class()
    empty = {class_id: name for class_id, name in names.items() if not kept.get(class_id)}
    if not empty:
        least = min(names, key=lambda class_id: kept[class_id])
        fewest = f"the fewest, {format_number(kept[least])}, has {shortened(names[least], LONGEST_NAME)}"
        return Check(f"Each of the {len(names)} classes has labels; {fewest}.", True)
    removed = {class_id: removals_of(counts, class_id) for class_id in empty}
    described = [
        f"{shortened(name, LONGEST_NAME)} ({_fate(removed[class_id])})"
        for class_id, name in list(empty.items())[:CLASSES_NAMED]
    ]
    further = len(empty) - len(described)
    text = (
        f"{len(empty)} of {len(names)} classes {'has' if len(empty) == 1 else 'have'} no label: "
        f"{', '.join(described)}{f' and {further} more' if further else ''}."
    )
    best = max(empty, key=lambda class_id: sum(removed[class_id].values()))
    reason = max(removed[best], key=lambda name: removed[best][name], default="")
    if reason not in SCORES:
        advice = (
            "No mask was taken for it: try other words (aliases in the vocabulary), or leave the class out."
        )
        return Check(text, False, advice)
    threshold = let_in(counts.missed_by[best, reason])
    advice = (
        f"For {shortened(empty[best], LONGEST_NAME)}, a threshold of {threshold:g} on {title(reason)} lets in the "
        "upper fifth of what it removed, unless another threshold does. Look whether they are right before you train "
        "on them."
    )
    return Check(text, False, advice, variant.class_line(empty[best], {reason: threshold}) if variant else "")


def removals_of(counts: VerdictCounts, class_id: int) -> dict[str, int]:
    """How many masks of a class each criterion removed."""
    return {
        reason: number
        for (owner, reason), number in sorted(counts.verdicts.items())
        if owner == class_id and reason != KEPT and number
    }


def _fate(removed: Mapping[str, int]) -> str:
    if not removed:
        return "no mask was taken for it"
    most = max(removed, key=lambda reason: removed[reason])
    total = sum(removed.values())
    return f"{format_count(total, 'mask')}, {format_number(removed[most])} removed by {title(most)}"


def title(reason: str) -> str:
    """A criterion in a sentence."""
    return REASON_NAMES.get(reason, reason)


def let_in(missed: np.ndarray) -> float:
    """The threshold that the upper ``LET_IN`` of a histogram of shape (BINS,) would pass, at least one value."""
    above = np.cumsum(missed[::-1])[::-1]
    return float(np.flatnonzero(above >= max(1.0, LET_IN * above[0]))[-1] / BINS)


def loosened(counts: VerdictCounts, variant: LabelsVariant | None) -> tuple[str, str]:
    """What to try where labels are few: a lower threshold of the score that removed the most masks."""
    removed = {score: counts.by_reason()[score] for score in SCORES}
    score = max(removed, key=lambda name: removed[name])
    if not removed[score]:
        return "", ""
    missed = sum(
        (found for (_, by), found in counts.missed_by.items() if by == score), np.zeros(BINS, np.int64)
    )
    threshold = let_in(missed)
    if variant is not None and score == "objectness":
        threshold = max(threshold, variant.objectness_floor)
    advice = (
        f"Most masks, {format_number(removed[score])}, fall by {title(score)}: a threshold of {threshold:g} lets in "
        "the upper fifth of them."
    )
    return advice, variant.line({score: threshold}) if variant else ""


def one_class_has_all(counts: VerdictCounts, names: Mapping[int, str]) -> Check | None:
    """A class that has nearly all labels, as one has that everything without a word is taken for."""
    if len(names) < 2:
        return None
    class_id, number = max(counts.kept_per_class().items(), key=lambda pair: (pair[1], -pair[0]))
    share = number / counts.kept
    text = (
        f"{shortened(names.get(class_id, f'class {class_id}'), LONGEST_NAME)} has the most labels: {100 * share:.0f} % "
        f"({format_number(number)} of {format_number(counts.kept)})."
    )
    if share < ONE_CLASS:
        return Check(text, True)
    advice = (
        "What has no word is taken for the word that is nearest. If other things are in the videos, such as cars "
        "beside persons, add their names to the vocabulary; they take their masks with them."
    )
    return Check(text, False, advice)


def frames_without_label(
    counts: VerdictCounts, sample: Sample, variant: LabelsVariant | None
) -> Check | None:
    """Frames of the sample in which nothing was kept, and videos that have no label at all."""
    frames = int(sample.frames.sum())
    if not frames:
        return None
    pairs = np.stack([sample.labels.video, sample.labels.frame])
    empty = frames - np.unique(pairs, axis=1).shape[1]
    videos = len(sample.videos) - len(np.unique(sample.labels.video))
    text = (
        f"{100 * empty / frames:.0f} % of the frames ({format_number(empty)} of {format_number(frames)}) have no "
        f"label, and {format_number(videos)} of {format_count(len(sample.videos), 'video')} "
        f"{'has' if videos == 1 else 'have'} none at all; in the embedded example {REFERENCE_UNLABELLED} % of the "
        "frames."
    )
    if empty / frames <= UNLABELLED_FRAMES:
        return Check(text, True)
    return Check(text, False, *loosened(counts, variant))


def changing_classes(sample: Sample, chains: Chains) -> Check | None:
    """Objects, followed by the boxes of their labels, that change their class; None where none could be followed."""
    mixed, followed = chains.mixed()
    if not followed or len(np.unique(sample.labels.class_id)) < 2:
        return None
    text = (
        f"{100 * mixed / followed:.0f} % of the objects that have labels in {LEAST_LENGTH} or more neighbouring frames "
        f"({format_number(mixed)} of {format_number(followed)}) change their class from frame to frame; in the "
        f"embedded example {REFERENCE_MIXED} %."
    )
    if mixed / followed <= MIXED_CHAINS:
        return Check(text, True)
    advice = (
        "Classes that resemble each other are mixed up: give them words that tell them apart, join them, or raise "
        "the threshold on the class score. The suspicious labels below show the worst."
    )
    return Check(text, False, advice)


def against_reference(counts: VerdictCounts, score: str) -> Check | None:
    """How far a score's histogram lies where the embedded example's does; None where it says nothing."""
    numbers = counts.histograms[score].sum(axis=0)
    if np.count_nonzero(numbers) < 2:
        return None
    share = overlap(numbers, score)
    here, there = median_of(shares_of(numbers)), median_of(reference_shares(score))
    text = (
        f"{title(score).capitalize()}: {100 * share:.0f} % of the histogram lies where the embedded example's does; "
        f"half of the masks have {here:.2f} or more, there {there:.2f}."
    )
    if share >= LEAST_OVERLAP:
        return Check(text, True)
    advice = (
        ADVICE[score]
        if here < there
        else "Higher than there: no fault by itself; see whether the threshold still parts anything."
    )
    return Check(text, False, advice)
