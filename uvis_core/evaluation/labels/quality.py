"""F1, precision and recall of pseudo-labels against true masks (supplement A), and how thresholds change them."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tabulate import tabulate

from uvis_core.config.base import validated
from uvis_core.config.labels import LabelsSettings
from uvis_core.evaluation.labels.candidates import FIX, SCORES, LabelCandidates, TrueMasks, read_candidates
from uvis_core.evaluation.labels.counts import ThresholdCounts, count_labels
from uvis_core.io.annotations.model import Annotations
from uvis_core.io.annotations.read import read_annotations
from uvis_core.io.class_thresholds import class_thresholds
from uvis_core.io.errors import UserError
from uvis_core.io.table_checks import json_entry
from uvis_core.io.tables import read_metadata
from uvis_core.io.vocabulary import Vocabulary

log = logging.getLogger("uvis")
GRID = tuple(step / 100 for step in range(101))
DECIMALS = 6


def evaluate_labels(
    labels: Sequence[Path | str], masks: Sequence[Path | str], truth: Path | str, vocabulary: Vocabulary
) -> dict[str, Any]:
    """Measure the kept labels of a split, and what they would be at other thresholds.

    One shard is in memory at a time; of those before, only counts are kept.

    Args:
        labels: Labels tables of all shards of one variant; they carry its thresholds.
        masks: Masks tables of the shards, in the same order.
        truth: Truth of the split: a table, or a json in YTVIS or OVIS layout.
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
    if len(labels) != len(masks):
        raise UserError(f"{len(labels)} labels tables, {len(masks)} masks tables", fix=FIX)
    settings = _settings(labels)
    names = {entry.id: entry.name for entry in vocabulary.classes}
    true_masks = TrueMasks(read_annotations(truth))
    sums = {score: np.zeros((2, len(names), len(GRID)), dtype=np.int64) for score in SCORES}
    kept = np.zeros((2, len(names), 1), dtype=np.int64)
    for labels_path, masks_path in zip(labels, masks, strict=True):
        candidates = read_candidates(labels_path, masks_path, true_masks)
        levels, passes = judge(candidates, settings, vocabulary)
        _check_verdicts(labels_path, candidates, passes, names)
        for score in SCORES:
            others = np.logical_and.reduce([passed for name, passed in passes.items() if name != score])
            grid = np.array(GRID, dtype=levels[score].dtype)
            sums[score] += count_labels(candidates, list(names), others, levels[score], grid)
        at_any = np.zeros(len(candidates.kept))
        kept += count_labels(candidates, list(names), candidates.kept, at_any, np.zeros(1))
    truths = true_masks.count()
    column = np.array([[truths[class_id]] for class_id in names])
    counts = ThresholdCounts(kept[0], kept[1], column)
    warnings = _warnings(true_masks.truth, truths, vocabulary)
    for warning in warnings:
        log.warning("%s", warning)
    return {
        **{name: values[0].item() for name, values in counts.shares().items()},
        "right": int(counts.right.sum()),
        "truths": int(counts.truths.sum()),
        "per_class": counts.class_rows(names),
        "sweeps": {
            score: _sweep(ThresholdCounts(sums[score][0], sums[score][1], column), getattr(settings, score))
            for score in SCORES
        },
        "warnings": warnings,
    }


def _sweep(counts: ThresholdCounts, configured: float | None) -> dict[str, Any]:
    """Figures over the thresholds of one score."""
    curves = {name: np.round(values, DECIMALS).tolist() for name, values in counts.shares().items()}
    return {"configured": configured, "thresholds": list(GRID), **curves}


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
    return validated(
        LabelsSettings, json_entry(path, {"settings": text}, "settings", dict), f"settings in {path}"
    )


def judge(
    candidates: LabelCandidates, settings: LabelsSettings, vocabulary: Vocabulary
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """What each score's threshold is compared with, float32, and which crops pass each criterion, bool of shape (N,).

    Crops of a class with a threshold of its own pass that one, and then any other, or none at all; so do those that
    were accepted by hand, or rejected.
    """
    levels, passes = {}, {}
    own = class_thresholds(settings, vocabulary)
    for score in SCORES:
        level = candidates.scores[score].copy()
        for class_id, thresholds in own.items():
            if score in thresholds:
                rows = candidates.class_ids == class_id
                level[rows] = np.where(level[rows] >= level.dtype.type(thresholds[score]), np.inf, -np.inf)
        level[candidates.by_hand & candidates.kept] = np.inf
        threshold = getattr(settings, score)
        levels[score] = level
        # In the precision of the scores, as the labels stage compares.
        passes[score] = level >= level.dtype.type(-np.inf if threshold is None else threshold)
    passes["area"] = candidates.area_share >= (settings.min_area_share or 0.0)
    for passed in passes.values():
        np.copyto(passed, candidates.kept, where=candidates.by_hand)
    return levels, passes


def _check_verdicts(
    path: Path | str, candidates: LabelCandidates, passes: Mapping[str, np.ndarray], names: Mapping[int, str]
) -> None:
    """See that thresholds and verdicts of a table agree."""
    strange = sorted(set(candidates.class_ids.tolist()) - set(names))
    if strange:
        raise UserError(
            f"{path}: holds classes {strange} that the vocabulary does not list",
            fix="give the vocabulary that the labels were made with",
        )
    if not np.array_equal(np.logical_and.reduce(list(passes.values())), candidates.kept):
        raise UserError(
            f"{path}: the verdicts do not follow from the thresholds that it carries",
            fix="give the vocabulary and the masks tables that the labels were made with, or make the labels again",
        )


def _warnings(truth: Annotations, truths: Mapping[int, int], vocabulary: Vocabulary) -> list[str]:
    """What was odd about truth and vocabulary, in words."""
    warnings = list(truth.warnings)
    missing = {
        number: name for number, name in truth.class_names.items() if number not in vocabulary.class_ids
    }
    lost = sum(truths.get(number, 0) for number in missing)
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
