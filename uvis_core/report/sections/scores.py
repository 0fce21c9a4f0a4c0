"""Section of the scores: how they are spread, the thresholds applied, and what others would give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from uvis_core.report.charts import Histogram, LineChart, histogram, line_chart
from uvis_core.report.counts import SCORES, VerdictCounts
from uvis_core.report.overrides import LabelsVariant
from uvis_core.report.reference import reference_shares
from uvis_core.report.sections.figures import percent

TITLES = {
    "objectness": ("Objectness", "objectness of the mask"),
    "class_score": ("Class score", "score of the best class"),
    "similarity": ("Similarity", "cosine to the nearest prototype of the class"),
}
CURVES = {"mF1": "mean F1", "precision": "precision", "recall": "recall"}


@dataclass(frozen=True)
class ThresholdChart:
    """Curves over one threshold, and what the best one would bring.

    Attributes:
        chart: The curves.
        best: The threshold of the best mean F1.
        best_f1: That mean F1, percent.
        line: What to add to the command of the run to try it; empty where it is the configured one, or where the
            run's configuration is not known.
        is_configured: Whether no other threshold is better than the configured one.
    """

    chart: LineChart
    best: float
    best_f1: float
    line: str
    is_configured: bool


def facts(
    labels: VerdictCounts,
    settings: Mapping[str, Any],
    quality: Mapping[str, Any],
    classes: int,
    variant: LabelsVariant | None,
) -> dict[str, Any]:
    """What the section shows.

    Args:
        labels: Scores of all labels.
        settings: Those that the labels were made with, as their tables carry them.
        quality: Figures of the labels over the thresholds, against truth; empty if there are none.
        classes: Number of classes.
        variant: That the labels are of; None where the configuration is not known.
    """
    scores = telling(labels, classes)
    return {
        "histograms": score_histograms(labels, thresholds(settings), scores),
        "label_figures": label_figures(quality),
        "label_charts": threshold_charts(quality, scores, variant),
        "own_thresholds": has_own_thresholds(settings),
    }


def thresholds(settings: Mapping[str, Any]) -> dict[str, float]:
    """The thresholds by score; without those that were not applied."""
    return {score: value for score in SCORES if isinstance(value := settings.get(score), int | float)}


def has_own_thresholds(settings: Mapping[str, Any]) -> bool:
    """Whether a class has thresholds of its own."""
    classes = settings.get("classes") or {}
    return any(value is not None for own in classes.values() for value in own.values())


def telling(labels: VerdictCounts, classes: int) -> list[str]:
    """The scores that say something: all but the class score of a single class, where it is the same for every crop."""
    same = np.count_nonzero(labels.histograms["class_score"].sum(axis=0)) < 2
    return [score for score in SCORES if not (score == "class_score" and classes == 1 and same)]


def score_histograms(
    labels: VerdictCounts, thresholds: Mapping[str, float], scores: Sequence[str]
) -> list[Histogram]:
    """One histogram per score; a score without a threshold has none marked."""
    charts = []
    for score in scores:
        removed, kept = labels.histograms[score]
        note = ""
        if score == "similarity" and labels.without_prototype:
            note = f"Not drawn: {labels.without_prototype} masks of classes without a prototype."
        reference = reference_shares(score)
        charts.append(histogram(*TITLES[score], kept, removed, thresholds.get(score), note, reference))
    return charts


def label_figures(quality: Mapping[str, Any]) -> dict[str, float | None]:
    """Mean F1, precision and recall of the labels as they are, percent; empty without figures."""
    return {name: percent(quality[key]) for key, name in CURVES.items()} if quality else {}


def threshold_charts(
    quality: Mapping[str, Any], scores: Sequence[str], variant: LabelsVariant | None
) -> list[ThresholdChart]:
    """One chart per score: mean F1, precision and recall over its threshold, the configured and the best marked."""
    charts = []
    for score in scores:
        sweep = (quality.get("sweeps") or {}).get(score)
        if sweep:
            floor = variant.objectness_floor if variant and score == "objectness" else 0.0
            charts.append(_chart(score, sweep, quality["mF1"], floor, variant))
    return [chart for chart in charts if chart is not None]


def _chart(
    score: str, sweep: Mapping[str, Any], as_configured: float, floor: float, variant: LabelsVariant | None
) -> ThresholdChart | None:
    curves = {}
    for key, name in CURVES.items():
        shares = np.array(sweep[key], dtype=float)
        # A share of nothing is -1 there: no label passes such a threshold.
        curves[name] = (sweep["thresholds"], np.where(shares < 0, np.nan, shares))
    title = TITLES[score][0]
    label = f"threshold on {title.lower()}"
    best, best_f1 = best_threshold(sweep, floor)
    chart = line_chart(
        title,
        label,
        curves,
        y_max=1.0,
        show_last=False,
        threshold=sweep["configured"],
        best=(best, best_f1) if best_f1 >= 0 else None,
    )
    if chart is None:
        return None
    # What is the same as shown is no gain.
    configured = round(100 * best_f1, 1) <= round(100 * as_configured, 1)
    line = variant.line({score: best}) if variant and not configured else ""
    return ThresholdChart(chart, best, 100 * best_f1, line, configured)


def best_threshold(sweep: Mapping[str, Any], floor: float) -> tuple[float, float]:
    """The threshold of the best mean F1 and that mean F1; of equal ones the one next to the configured one.

    Args:
        sweep: Figures over thresholds.
        floor: Lower thresholds are not allowed.
    """
    levels, f1 = np.array(sweep["thresholds"], dtype=float), np.array(sweep["mF1"], dtype=float)
    allowed = levels >= floor
    levels, f1 = levels[allowed], f1[allowed]
    configured = sweep["configured"] if sweep["configured"] is not None else 0.0
    place = np.lexsort((np.abs(levels - configured), -f1))[0]
    return float(levels[place]), float(f1[place])
