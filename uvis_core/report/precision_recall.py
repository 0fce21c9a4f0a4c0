"""The evaluation's precision over recall as charts: of all classes together, and of every class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from uvis_core.report.charts import LineChart, line_chart

MEANS = {"precision_iou50": "IoU 0.50", "precision_iou75": "0.75", "precision_mean": "0.50 to 0.95"}
IOUS = {"iou50": "IoU 0.50", "iou75": "0.75"}


@dataclass(frozen=True)
class ClassCurves:
    """The chart of one class, and the number of its objects; None where that is not known."""

    chart: LineChart
    truths: int | None


def mean_chart(figures: Mapping[str, Any]) -> LineChart | None:
    """Mean precision over recall, at IoU 0.5, 0.75 and over all; None without truth."""
    curves = figures.get("precision_recall") or {}
    lines = {name: (curves["recall"], curves[key]) for key, name in MEANS.items() if curves.get(key)}
    return line_chart("Precision over recall", "recall", lines, y_max=1.0, show_last=False)


def class_charts(figures: Mapping[str, Any], names: Mapping[int, str]) -> list[ClassCurves]:
    """One chart per class that has truth, in the order of the evaluation.

    Args:
        figures: The main experiment's evaluation; empty if there is none.
        names: Class name by class id; classes that it lacks keep the truth's name.
    """
    truths = {row["class_id"]: row["truths"] for row in figures.get("per_class") or ()}
    charts = []
    for row in figures.get("class_curves") or ():
        lines = {name: corners(row[key]["recall"], row[key]["precision"]) for key, name in IOUS.items()}
        name = names.get(row["class_id"]) or str(row["name"])
        chart = line_chart(name, "recall", lines, y_max=1.0, show_last=False)
        if chart is not None:
            charts.append(ClassCurves(chart, truths.get(row["class_id"])))
    return charts


def corners(ends: Sequence[float], levels: Sequence[float]) -> tuple[list[float], list[float]]:
    """The corners of a curve that keeps each level up to its end and then falls straight to the next."""
    x, y = [0.0], [levels[0]]
    for place, (end, level) in enumerate(zip(ends, levels, strict=True)):
        x.append(end)
        y.append(level)
        if place + 1 < len(levels):
            x.append(end)
            y.append(levels[place + 1])
    return x, y
