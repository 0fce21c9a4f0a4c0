"""Section of the figures: the evaluations of all experiments, and precision and confusion of the main one."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from uvis_core.report.charts import LineChart, line_chart

HEADLINE = ("AP", "AP50", "AP75", "AR1", "AR10")
DAVIS_HEADLINE = ("J&F", "J", "F", "J_recall", "F_recall")
MEANS = {"precision_iou50": "IoU 0.50", "precision_iou75": "0.75", "precision_mean": "0.50 to 0.95"}
CONFUSIONS_LISTED = 6
# A larger matrix is wider than a page; the list of the most frequent confusions remains.
MOST_CLASSES = 16


@dataclass(frozen=True)
class ExperimentFigures:
    """One experiment: its name and its figures in percent; None where a figure is undefined."""

    name: str
    figures: Mapping[str, float | None]


def facts(evaluations: Mapping[str, Mapping[str, Any]], names: Mapping[int, str]) -> dict[str, Any]:
    """What the section shows.

    Args:
        evaluations: Figures by experiment, the main one first.
        names: Class name by class id.
    """
    main: Mapping[str, Any] = next(iter(evaluations.values()), {})
    confused = confusion_rows(main, names)
    return {
        "experiments": experiments(evaluations),
        "headline": headline(main),
        "class_agnostic": bool(main.get("class_agnostic")),
        "further": further_figures(main),
        "precision_recall": mean_chart(main),
        "confusion_rows": confused if fits_page(confused) else [],
        "confusions": most_frequent(confused),
    }


def percent(value: Any) -> float | None:
    """A fraction in percent; None for what is missing or -1, the evaluators' word for undefined."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value) or value < 0:
        return None
    return 100.0 * value


def headline(figures: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the figures that stand first under the protocol of an evaluation."""
    if figures.get("protocol") == "davis":
        return DAVIS_HEADLINE
    return HEADLINE + DAVIS_HEADLINE[:3] if "J&F" in figures else HEADLINE


def experiments(evaluations: Mapping[str, Mapping[str, Any]]) -> list[ExperimentFigures]:
    """Headline figures of each experiment, in order; the first one is the main one."""
    return [
        ExperimentFigures(name, {key: percent(figures.get(key)) for key in headline(figures)})
        for name, figures in evaluations.items()
    ]


def further_figures(figures: Mapping[str, Any]) -> dict[str, float]:
    """Every other AP and AR figure that is defined, in percent."""
    others = {
        key: value for key, value in figures.items() if key.startswith(("AP", "AR")) and key not in HEADLINE
    }
    return {key: share for key, value in others.items() if (share := percent(value)) is not None}


def mean_chart(figures: Mapping[str, Any]) -> LineChart | None:
    """Mean precision over recall, at IoU 0.5, 0.75 and over all; None without truth."""
    curves = figures.get("precision_recall") or {}
    lines = {name: (curves["recall"], curves[key]) for key, name in MEANS.items() if curves.get(key)}
    return line_chart("Precision over recall", "recall", lines, y_max=1.0, show_last=False)


@dataclass(frozen=True)
class Confusion:
    """Objects of one class that were covered by tracks of another; ``share`` of the class's objects, percent."""

    truth: str
    taken_for: str
    objects: int
    share: float


@dataclass(frozen=True)
class MatrixCell:
    """One field of the matrix.

    Attributes:
        objects: Number of objects.
        share: Of their class's objects, percent.
        kind: ``right``, ``wrong`` or ``missed``.
        text: The field in words.
    """

    objects: int
    share: float
    kind: str
    text: str


@dataclass(frozen=True)
class MatrixRow:
    """One true class: a cell per predicted class, in the order of the rows, then one for missed objects."""

    name: str
    objects: int
    cells: tuple[MatrixCell, ...]


def confusion_rows(figures: Mapping[str, Any], names: Mapping[int, str]) -> list[MatrixRow]:
    """The whole matrix.

    Args:
        figures: An evaluation; empty if there is none.
        names: Class name by class id.
    """
    counts = figures.get("confusion")
    if not counts:
        return []
    classes = [names.get(class_id, f"class {class_id}") for class_id in counts["class_ids"]]
    rows = []
    for place, (numbers, missed) in enumerate(zip(counts["matrix"], counts["missed"], strict=True)):
        truth, objects = classes[place], sum(numbers) + missed
        fields = [
            (number, "right" if column == place else "wrong", f"{truth} taken for {classes[column]}")
            for column, number in enumerate(numbers)
        ]
        cells = [
            MatrixCell(
                number, round(100 * number / objects, 1) if objects else 0.0, kind, f"{text}: {number}"
            )
            for number, kind, text in [*fields, (missed, "missed", f"{truth} missed")]
        ]
        rows.append(MatrixRow(truth, objects, tuple(cells)))
    return rows


def fits_page(rows: list[MatrixRow]) -> bool:
    """Whether there is a matrix to show, of more than one class, and room for it."""
    return 1 < len(rows) <= MOST_CLASSES


def most_frequent(rows: list[MatrixRow]) -> list[Confusion]:
    """The confusions that the most objects met, most frequent first."""
    found = [
        Confusion(row.name, rows[column].name, cell.objects, cell.share)
        for row in rows
        for column, cell in enumerate(row.cells)
        if cell.kind == "wrong" and cell.objects
    ]
    return sorted(found, key=lambda confusion: -confusion.objects)[:CONFUSIONS_LISTED]
