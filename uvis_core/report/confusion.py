"""Which class was taken for which, among the objects that a track covers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LISTED = 6
# A larger matrix is wider than a page; the list of the most frequent confusions remains.
MOST_CLASSES = 16


@dataclass(frozen=True)
class Confusion:
    """Objects of one class that were covered by tracks of another; ``share`` of the class's objects, percent."""

    truth: str
    taken_for: str
    objects: int
    share: float


@dataclass(frozen=True)
class Cell:
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
    cells: tuple[Cell, ...]


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
            Cell(number, round(100 * number / objects, 1) if objects else 0.0, kind, f"{text}: {number}")
            for number, kind, text in [*fields, (missed, "missed", f"{truth} missed")]
        ]
        rows.append(MatrixRow(truth, objects, tuple(cells)))
    return rows


def fits_page(rows: list[MatrixRow]) -> bool:
    """Whether there is a matrix to show, and room for it."""
    return 0 < len(rows) <= MOST_CLASSES


def most_frequent(rows: list[MatrixRow]) -> list[Confusion]:
    """The confusions that the most objects met, most frequent first."""
    found = [
        Confusion(row.name, rows[column].name, cell.objects, cell.share)
        for row in rows
        for column, cell in enumerate(row.cells)
        if cell.kind == "wrong" and cell.objects
    ]
    return sorted(found, key=lambda confusion: -confusion.objects)[:LISTED]
