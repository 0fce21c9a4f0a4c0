"""A run's figures beside published ones, as tables and bars of a page of their own."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uvis_core.io.atomic import read_json, write_text
from uvis_core.io.errors import UserError
from uvis_core.pages.render import render_page

TEMPLATE = Path(__file__).parent / "templates" / "tables.html.j2"
KEYS = ("title", "source", "note", "shown", "data", "rows")


@dataclass(frozen=True)
class Group:
    """Columns under one heading: a data set, and whether its figures are this run's or of the same data set."""

    data: str
    own: bool
    same_data: bool
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """A figure in percent and its spread over the seeds, None where there is none; whose, and first of its group."""

    value: float | None
    spread: float | None
    own: bool
    first: bool


@dataclass(frozen=True)
class Row:
    """One row: its name, what it is in words, the run beside it (None: none), its seeds and its figures."""

    name: str
    label: str
    run: str | None
    seeds: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Bar:
    """One figure as a bar; lengths in percent of the panel's largest value, the single runs as dots."""

    name: str
    value: float
    spread: float | None
    length: float
    dots: tuple[float, ...]


@dataclass(frozen=True)
class Panel:
    """Bars of one figure on the data set of one group, on a scale of their own."""

    figure: str
    group: Group
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class ComparedTable:
    """One table as the page shows it."""

    title: str
    source: str
    note: str
    groups: tuple[Group, ...]
    rows: tuple[Row, ...]
    panels: tuple[Panel, ...]


def write_comparison(path: Path | str, tables: Path | str) -> None:
    """Write the page of tables. Equal inputs give equal bytes.

    Args:
        path: The page (HTML).
        tables: The gathered tables (json).

    Raises:
        UserError: The tables are missing or are no such tables.
    """
    content = read_json(tables)
    try:
        dataset, entries = content["dataset"], content["tables"]
        comparisons = [compare({key: entry[key] for key in KEYS}, dataset) for entry in entries]
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise UserError(
            f"{tables}: holds no gathered tables ({error!r})", fix="give the tables.json that a run has made"
        ) from error
    write_text(path, render_page(TEMPLATE, {"dataset": dataset, "comparisons": comparisons}))


def compare(table: Mapping[str, Any], dataset: str) -> ComparedTable:
    """Arrange one table: this run's columns first, then those of each published data set."""
    rows = table["rows"]
    own = tuple(name for name in table["shown"] if any(name in row["figures"] for row in rows))
    groups = [Group(dataset, True, True, own)] if own else []
    for data in table["data"]:
        columns = dict.fromkeys(name for row in rows for name in row["published"].get(data, {}))
        groups.append(Group(data, False, is_same_data(dataset, data), tuple(columns)))
    return ComparedTable(
        title=table["title"],
        source=table["source"],
        note=table["note"],
        groups=tuple(groups),
        rows=tuple(
            Row(row["row"], row["label"], row["run"], row["runs"], tuple(_cells(row, groups))) for row in rows
        ),
        panels=tuple(_panels(rows, groups, table["shown"][0])),
    )


def is_same_data(dataset: str, published: str) -> bool:
    """Whether a run's name says that it is on the published data set (``ytvis2019`` on YTVIS-2019 val)."""
    plain = [re.sub(r"[^a-z0-9]", "", name.lower()) for name in (dataset, published)]
    return plain[1].startswith(plain[0])


def _figures(row: Mapping[str, Any], group: Group) -> dict[str, Mapping[str, Any]]:
    """A row's figures in one group by name, with ``mean``, ``spread`` and ``values``."""
    if group.own:
        return dict(row["figures"])
    published = row["published"].get(group.data, {})
    return {name: {"mean": value, "spread": None, "values": []} for name, value in published.items()}


def _cells(row: Mapping[str, Any], groups: Sequence[Group]) -> list[Cell]:
    cells = []
    for group in groups:
        figures = _figures(row, group)
        for place, name in enumerate(group.columns):
            figure = figures.get(name, {})
            cells.append(Cell(figure.get("mean"), figure.get("spread"), group.own, first=place == 0))
    return cells


def _panels(rows: Sequence[Mapping[str, Any]], groups: Sequence[Group], figure: str) -> list[Panel]:
    """The table's first figure of this run, and beside it the first published one with as much as two rows."""
    panels: list[Panel] = []
    for group in groups:
        found = [(row["row"], values) for row in rows if (values := _figures(row, group).get(figure))]
        if len(found) > 1:
            panels.append(Panel(figure, group, tuple(_bars(found))))
    return panels[:2] if panels and panels[0].group.own else []


def _bars(figures: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Bar]:
    largest = max(max([entry["mean"], *entry["values"]]) for _, entry in figures) or 1.0
    return [
        Bar(
            name=name,
            value=entry["mean"],
            spread=entry["spread"],
            length=round(100 * entry["mean"] / largest, 1),
            # One run alone is the end of its bar.
            dots=tuple(round(100 * value / largest, 1) for value in entry["values"])
            if len(entry["values"]) > 1
            else (),
        )
        for name, entry in figures
    ]
