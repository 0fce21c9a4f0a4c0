"""Section of the scores: how they are spread, the thresholds applied, and what others would give."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from uvis_core.report.charts import Histogram, LineChart, histogram, line_chart
from uvis_core.report.counts import SCORES, VerdictCounts
from uvis_core.report.sections.figures import percent

TITLES = {
    "objectness": ("Objectness", "objectness of the mask"),
    "class_score": ("Class score", "score of the best class"),
    "similarity": ("Similarity", "cosine to the nearest prototype of the class"),
}
CURVES = {"mF1": "mean F1", "precision": "precision", "recall": "recall"}


def facts(labels: VerdictCounts, settings: Mapping[str, Any], quality: Mapping[str, Any]) -> dict[str, Any]:
    """What the section shows.

    Args:
        labels: Scores of all labels.
        settings: Those that the labels were made with, as their tables carry them.
        quality: Figures of the labels over the thresholds, against truth; empty if there are none.
    """
    return {
        "histograms": score_histograms(labels, thresholds(settings)),
        "label_figures": label_figures(quality),
        "label_charts": threshold_charts(quality),
        "own_thresholds": has_own_thresholds(settings),
    }


def thresholds(settings: Mapping[str, Any]) -> dict[str, float]:
    """The thresholds by score; without those that were not applied."""
    return {score: value for score in SCORES if isinstance(value := settings.get(score), int | float)}


def has_own_thresholds(settings: Mapping[str, Any]) -> bool:
    """Whether a class has thresholds of its own."""
    classes = settings.get("classes") or {}
    return any(value is not None for own in classes.values() for value in own.values())


def score_histograms(labels: VerdictCounts, thresholds: Mapping[str, float]) -> list[Histogram]:
    """One histogram per score; a score without a threshold has none marked."""
    charts = []
    for score in SCORES:
        removed, kept = labels.histograms[score]
        note = ""
        if score == "similarity" and labels.without_prototype:
            note = f"Not drawn: {labels.without_prototype} masks of classes without a prototype."
        charts.append(histogram(*TITLES[score], kept, removed, thresholds.get(score), note))
    return charts


def label_figures(quality: Mapping[str, Any]) -> dict[str, float | None]:
    """Mean F1, precision and recall of the labels as they are, percent; empty without figures."""
    return {name: percent(quality[key]) for key, name in CURVES.items()} if quality else {}


def threshold_charts(quality: Mapping[str, Any]) -> list[LineChart]:
    """One chart per score: mean F1, precision and recall over its threshold, the configured value marked."""
    charts = []
    for score in SCORES:
        sweep = (quality.get("sweeps") or {}).get(score)
        if sweep:
            charts.append(_chart(score, sweep))
    return [chart for chart in charts if chart is not None]


def _chart(score: str, sweep: Mapping[str, Any]) -> LineChart | None:
    curves = {}
    for key, name in CURVES.items():
        shares = np.array(sweep[key], dtype=float)
        # A share of nothing is -1 there: no label passes such a threshold.
        curves[name] = (sweep["thresholds"], np.where(shares < 0, np.nan, shares))
    title = TITLES[score][0]
    label = f"threshold on {title.lower()}"
    return line_chart(title, label, curves, y_max=1.0, show_last=False, threshold=sweep["configured"])
