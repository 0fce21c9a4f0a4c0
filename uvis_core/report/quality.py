"""Quality of the pseudo-labels over the thresholds, against truth that no stage has read."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from uvis_core.report.charts import LineChart, line_chart
from uvis_core.report.figures import percent
from uvis_core.report.funnel import SCORES
from uvis_core.report.scores import TITLES

CURVES = {"mF1": "mean F1", "precision": "precision", "recall": "recall"}


def label_figures(quality: Mapping[str, Any]) -> dict[str, float | None]:
    """Mean F1, precision and recall of the labels as they are, percent; empty without figures."""
    return {name: percent(quality[key]) for key, name in CURVES.items()} if quality else {}


def class_f1(quality: Mapping[str, Any]) -> dict[int, float | None]:
    """F1 of each class's labels by class id, percent; None for a class without truth."""
    return {row["class_id"]: percent(row["F1"]) for row in quality.get("per_class") or ()}


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
