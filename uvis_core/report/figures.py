"""The evaluation's figures as rows of tables, and its precision over recall as a chart."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from uvis_core.report.charts import LineChart, line_chart

HEADLINE = ("AP", "AP50", "AP75", "AR1", "AR10")
CURVES = {"precision_iou50": "IoU 0.50", "precision_iou75": "0.75", "precision_mean": "0.50 to 0.95"}
CONFUSIONS_SHOWN = 6


@dataclass(frozen=True)
class Experiment:
    """One experiment: its name and its figures in percent; None where a figure is undefined."""

    name: str
    figures: Mapping[str, float | None]


def percent(value: Any) -> float | None:
    """A fraction in percent; None for what is missing or -1, the evaluators' word for undefined."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not np.isfinite(value) or value < 0:
        return None
    return 100.0 * value


def experiments(evaluations: Mapping[str, Mapping[str, Any]]) -> list[Experiment]:
    """Headline figures of each experiment, in order; the first one is the main one."""
    return [
        Experiment(name, {key: percent(figures.get(key)) for key in HEADLINE})
        for name, figures in evaluations.items()
    ]


def further_figures(figures: Mapping[str, Any]) -> dict[str, float]:
    """Every other AP and AR figure that is defined, in percent."""
    others = {
        key: value for key, value in figures.items() if key.startswith(("AP", "AR")) and key not in HEADLINE
    }
    return {key: share for key, value in others.items() if (share := percent(value)) is not None}


@dataclass(frozen=True)
class ClassFigures:
    """One row of the per-class table; None where a number does not exist."""

    class_id: int
    name: str
    labels: int | None
    truths: int | None
    predictions: int | None
    ap: float | None
    ap50: float | None
    ar10: float | None


def class_figures(
    names: Mapping[int, str],
    labels: Mapping[int, int],
    tracks: Mapping[int, int],
    figures: Mapping[str, Any],
) -> list[ClassFigures]:
    """Join what is known of every class.

    Args:
        names: Class name by id, in order.
        labels: Kept pseudo-labels by class id.
        tracks: Tracks by class id; shown where the evaluation does not count predictions itself.
        figures: The main experiment's evaluation; empty if there is none.
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
                truths=row.get("truths"),
                predictions=row.get("predictions", tracks.get(class_id, 0)),
                ap=percent(row.get("AP")),
                ap50=percent(row.get("AP50")),
                ar10=percent(row.get("AR10")),
            )
        )
    return rows


def video_scores(figures: Mapping[str, Any]) -> dict[Any, float | None]:
    """Mean tube IoU of each video's objects in percent, by the id that the truth gives the video."""
    return {row["video_id"]: percent(row.get("mean_iou")) for row in figures.get("per_video") or ()}


@dataclass(frozen=True)
class Confusion:
    """Objects of one class that were covered by tracks of another."""

    truth: str
    taken_for: str
    objects: int
    share: float


def confusions(figures: Mapping[str, Any], names: Mapping[int, str]) -> list[Confusion]:
    """The most frequent confusions; ``share`` is that of the class's objects, in percent."""
    counts = figures.get("confusion")
    if not counts:
        return []
    labels = [names.get(class_id, f"class {class_id}") for class_id in counts["class_ids"]]
    found = []
    for row, (numbers, missed) in enumerate(zip(counts["matrix"], counts["missed"], strict=True)):
        objects = sum(numbers) + missed
        for column, number in enumerate(numbers):
            if number and row != column:
                found.append(Confusion(labels[row], labels[column], number, 100 * number / objects))
    return sorted(found, key=lambda confusion: -confusion.objects)[:CONFUSIONS_SHOWN]


def precision_recall_chart(figures: Mapping[str, Any]) -> LineChart | None:
    """Mean precision over recall, at IoU 0.5, 0.75 and over all; None without truth."""
    curves = figures.get("precision_recall") or {}
    lines = {name: (curves["recall"], curves[key]) for key, name in CURVES.items() if curves.get(key)}
    return line_chart("Precision over recall", "recall", lines, y_max=1.0, show_last=False)
