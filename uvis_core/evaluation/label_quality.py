"""F1, precision and recall of pseudo-labels against true masks (supplement A), and how thresholds change them."""

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tabulate import tabulate

from uvis_core.config.base import validated
from uvis_core.config.labels import LabelsSettings
from uvis_core.evaluation.label_candidates import SCORES, LabelCandidates, collect_candidates
from uvis_core.evaluation.label_counts import count_labels
from uvis_core.evaluation.truth import Truth, read_truth
from uvis_core.io.atomic import read_json
from uvis_core.io.class_thresholds import class_thresholds
from uvis_core.io.errors import UserError
from uvis_core.io.tables import read_metadata
from uvis_core.io.vocabulary import Vocabulary
from uvis_core.io.ytvis import video_name

log = logging.getLogger("uvis")
GRID = tuple(step / 100 for step in range(101))
DECIMALS = 6


def evaluate_labels(
    labels: Sequence[Path | str], masks: Sequence[Path | str], truth: Path | str, vocabulary: Vocabulary
) -> dict[str, Any]:
    """Measure the kept labels of a split, and what they would be at other thresholds.

    Args:
        labels: Labels tables of all shards of one variant; they carry its thresholds.
        masks: Masks tables of the shards, in the same order.
        truth: Truth of the split in YTVIS or OVIS json.
        vocabulary: The classes.

    Returns:
        Ready for json. ``mF1``: mean F1 of the classes that have truth. ``precision``: share of all labels
        that are right; ``recall``: share of all true masks that are found. ``labels``, ``right`` and
        ``truths`` count. ``per_class``: the same for every class, with ``class_id``, ``name`` and ``F1``.
        ``sweeps``: by score, ``thresholds``, ``mF1``, ``precision``, ``recall`` and ``labels`` over them,
        with the variant's other thresholds as they are, and its own value as ``configured`` (None where it is
        off). Classes with a threshold of their own keep it. -1 stands for a share of nothing. ``warnings``.

    Raises:
        UserError: The files do not belong together, or one of them is damaged.
    """
    known = read_truth(truth)
    video_ids = {video_name(video): video["id"] for video in read_json(truth)["videos"]}
    candidates = collect_candidates(labels, masks, known, video_ids)
    settings = _settings(labels)
    names = {entry.id: entry.name for entry in vocabulary.classes}
    own = class_thresholds(settings, vocabulary)
    levels = {score: _levels(candidates, score, own) for score in SCORES}
    passes = {score: _passes(levels[score], getattr(settings, score)) for score in SCORES}
    passes["area"] = candidates.area_share >= (settings.min_area_share or 0.0)
    _check_verdicts(labels, candidates, passes, names)
    sweeps = {}
    for score in SCORES:
        others = np.logical_and.reduce([passed for name, passed in passes.items() if name != score])
        grid = np.array(GRID, dtype=levels[score].dtype)
        shares = count_labels(candidates, list(names), others, levels[score], grid).shares()
        curves = {name: np.round(values, DECIMALS).tolist() for name, values in shares.items()}
        sweeps[score] = {"configured": getattr(settings, score), "thresholds": list(GRID), **curves}
    at_any = np.zeros(len(candidates.kept))
    counts = count_labels(candidates, list(names), candidates.kept, at_any, np.zeros(1))
    warnings = _warnings(known, candidates, vocabulary)
    for warning in warnings:
        log.warning("%s", warning)
    return {
        **{name: values[0].item() for name, values in counts.shares().items()},
        "right": int(counts.right.sum()),
        "truths": int(counts.truths.sum()),
        "per_class": counts.class_rows(names),
        "sweeps": sweeps,
        "warnings": warnings,
    }


def quality_table(figures: Mapping[str, Any]) -> str:
    """Show the figures of all classes in per cent, a dash where there is nothing to take a share of."""
    keys = ("F1", "precision", "recall")
    rows = [[row["name"], *(row[key] for key in keys), row["labels"]] for row in figures["per_class"]]
    rows.append(["all (mF1)", *(figures[key] for key in ("mF1", "precision", "recall", "labels"))])
    cells = [
        [name, *("-" if share < 0 else f"{100 * share:.1f}" for share in shares), count]
        for name, *shares, count in rows
    ]
    aligned = ("left", *["right"] * 4)
    return tabulate(cells, headers=["class", *keys, "labels"], colalign=aligned, disable_numparse=True)


def _settings(labels: Sequence[Path | str]) -> LabelsSettings:
    """The thresholds that all tables carry."""
    texts = {read_metadata(path).get("settings", "{}"): path for path in labels}
    if len(texts) > 1:
        paths = list(texts.values())
        raise UserError(
            f"{paths[0]} and {paths[1]} were made with different thresholds",
            fix="give the tables of one variant",
        )
    text, path = next(iter(texts.items()))
    return validated(LabelsSettings, json.loads(text), f"settings in {path}")


def _levels(candidates: LabelCandidates, score: str, own: Mapping[int, Mapping[str, float]]) -> np.ndarray:
    """What a score's threshold is compared with, float32 of shape (N,).

    Crops of a class with a threshold of its own pass that one, and then any other, or none at all.
    """
    levels = candidates.scores[score].copy()
    for class_id, thresholds in own.items():
        if score in thresholds:
            rows = candidates.class_ids == class_id
            levels[rows] = np.where(levels[rows] >= levels.dtype.type(thresholds[score]), np.inf, -np.inf)
    return levels


def _passes(levels: np.ndarray, threshold: float | None) -> np.ndarray:
    """Which crops the labels stage lets through, bool of shape (N,); in the precision of the scores."""
    return levels >= levels.dtype.type(-np.inf if threshold is None else threshold)


def _check_verdicts(
    labels: Sequence[Path | str],
    candidates: LabelCandidates,
    passes: Mapping[str, np.ndarray],
    names: Mapping[int, str],
) -> None:
    """See that thresholds and verdicts of the tables agree."""
    strange = sorted(set(candidates.class_ids.tolist()) - set(names))
    if strange or not np.array_equal(np.logical_and.reduce(list(passes.values())), candidates.kept):
        raise UserError(
            f"{labels[0]}: the tables hold classes {strange} that the vocabulary does not list"
            if strange
            else f"{labels[0]}: the verdicts do not follow from the tables' own thresholds",
            fix="give the vocabulary that the labels were made with",
        )


def _warnings(truth: Truth, candidates: LabelCandidates, vocabulary: Vocabulary) -> list[str]:
    """What was odd about truth and vocabulary, in words."""
    warnings = list(truth.warnings)
    missing = {
        number: name for number, name in truth.class_names.items() if number not in vocabulary.class_ids
    }
    lost = sum(candidates.truths.get(number, 0) for number in missing)
    if lost:
        warnings.append(
            f"{truth.path}: {lost} true masks of {sorted(missing.values())} are left out, "
            "as the vocabulary does not list these classes"
        )
    other = [
        f"{entry.id} is {entry.name!r} there and {truth.class_names[entry.id]!r} here"
        for entry in vocabulary.classes
        if entry.id in truth.class_names
        and truth.class_names[entry.id].replace("_", " ").casefold()
        not in [phrase.casefold() for phrase in entry.phrases]
    ]
    if other:
        warnings.append(f"{truth.path}: classes go by id, but names differ from the vocabulary's: {other[0]}")
    return warnings
