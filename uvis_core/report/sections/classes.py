"""Section of the classes: labels, truths, tracks, figures and precision over recall of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from uvis_core.report.charts import LineChart, line_chart
from uvis_core.report.sections.figures import percent

IOUS = {"iou50": "IoU 0.50", "iou75": "0.75"}


@dataclass(frozen=True)
class ClassFigures:
    """One row of the per-class table; None where a number does not exist."""

    class_id: int
    name: str
    labels: int | None
    label_f1: float | None
    truths: int | None
    predictions: int | None
    ap: float | None
    ap50: float | None
    ar10: float | None


@dataclass(frozen=True)
class ClassCurves:
    """The chart of one class, and the number of its objects; None where that is not known."""

    chart: LineChart
    truths: int | None


def facts(
    names: Mapping[int, str],
    labels: Mapping[int, int],
    tracks: Mapping[int, int],
    figures: Mapping[str, Any],
    quality: Mapping[str, Any],
) -> dict[str, Any]:
    """What the section shows.

    Args:
        names: Class name by id, in order.
        labels: Kept pseudo-labels by class id.
        tracks: Tracks by class id.
        figures: The main experiment's evaluation; empty if there is none.
        quality: Figures of the pseudo-labels; empty if there are none.
    """
    classes = class_figures(names, labels, tracks, figures, class_f1(quality))
    if len(classes) < 2:
        # A single class has nothing that the figures and counts before do not say.
        return {"classes": [], "ranked_classes": [], "class_curves": [], "class_columns": set()}
    return {
        "classes": classes,
        "ranked_classes": by_ap(classes),
        "class_curves": class_charts(figures, names),
        "class_columns": known_columns(classes),
    }


def known_columns(rows: Sequence[ClassFigures]) -> set[str]:
    """Which columns of the table hold a number in any row."""
    return {
        field.name for field in fields(ClassFigures) for row in rows if getattr(row, field.name) is not None
    }


def class_figures(
    names: Mapping[int, str],
    labels: Mapping[int, int],
    tracks: Mapping[int, int],
    figures: Mapping[str, Any],
    label_f1: Mapping[int, float | None],
) -> list[ClassFigures]:
    """Join what is known of every class.

    Args:
        names: Class name by id, in order.
        labels: Kept pseudo-labels by class id.
        tracks: Tracks by class id; shown where the evaluation does not count predictions itself.
        figures: The main experiment's evaluation; empty if there is none.
        label_f1: F1 of the pseudo-labels by class id, percent; empty if it was not measured.
    """
    measured = {row["class_id"]: row for row in figures.get("per_class") or ()}
    rows = []
    for class_id in [*names, *sorted(set(measured) - set(names))]:
        row = measured.get(class_id, {})
        rows.append(
            ClassFigures(
                class_id=class_id,
                name=names.get(class_id) or str(row.get("name", f"class {class_id}")),
                labels=labels.get(class_id, 0),
                label_f1=label_f1.get(class_id),
                truths=row.get("truths"),
                predictions=row.get("predictions", tracks.get(class_id, 0)),
                ap=percent(row.get("AP")),
                ap50=percent(row.get("AP50")),
                ar10=percent(row.get("AR10")),
            )
        )
    return rows


def by_ap(rows: Sequence[ClassFigures]) -> list[ClassFigures]:
    """Classes that have an AP, the best first; equal ones in their order."""
    measured = [(row.ap, row) for row in rows if row.ap is not None]
    return [row for _, row in sorted(measured, key=lambda pair: -pair[0])]


def class_f1(quality: Mapping[str, Any]) -> dict[int, float | None]:
    """F1 of each class's labels by class id, percent; None for a class without truth."""
    return {row["class_id"]: percent(row["F1"]) for row in quality.get("per_class") or ()}


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
