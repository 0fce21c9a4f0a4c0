"""The evaluation's figures as rows of tables."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HEADLINE = ("AP", "AP50", "AP75", "AR1", "AR10")
DAVIS_HEADLINE = ("J&F", "J", "F", "J_recall", "F_recall")


@dataclass(frozen=True)
class Experiment:
    """One experiment: its name and its figures in percent; None where a figure is undefined."""

    name: str
    figures: Mapping[str, float | None]


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


def experiments(evaluations: Mapping[str, Mapping[str, Any]]) -> list[Experiment]:
    """Headline figures of each experiment, in order; the first one is the main one."""
    return [
        Experiment(name, {key: percent(figures.get(key)) for key in headline(figures)})
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
    label_f1: float | None
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
