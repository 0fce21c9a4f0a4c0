"""Figures of all runs of each experiment, gathered beside the published ones."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from uvis_core.comparison.published import Published, PublishedRow, PublishedTable
from uvis_core.config.comparison import ComparisonSettings
from uvis_core.io.errors import UserError
from uvis_core.io.figures import read_figures

DECIMALS = 4
LABELS = "labels"
"""The table whose rows are labels variants; those of all others are experiments."""

Runs = Mapping[str, Sequence[Mapping[str, Any]]]


def read_runs(pairs: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Read figures files given as ``NAME=FILE``; a name that comes again adds a run.

    Raises:
        UserError: A pair is not of this form, or its file is missing or holds no figures.
    """
    runs: dict[str, list[dict[str, Any]]] = {}
    for pair in pairs:
        name, equals, path = pair.partition("=")
        if not (name and equals and path):
            raise UserError(f"{pair!r} is not NAME=FILE", fix="write for example uvis=figures.json")
        runs.setdefault(name, []).append(read_figures(path))
    return runs


def gather_tables(
    settings: ComparisonSettings, published: Published, experiments: Runs, labels: Runs
) -> list[dict[str, Any]]:
    """Put the runs beside the published figures.

    Args:
        settings: Which experiment or labels variant stands in which row.
        published: The published figures.
        experiments: Figures of the evaluation of every run, by experiment; fractions.
        labels: Figures of the pseudo-labels, by labels variant; fractions.

    Returns:
        Ready for json, per table in which a run stands ``name``, ``title``, ``source``, ``note``,
        ``shown``, ``data`` (the published data sets) and ``rows``: those of the settings in their order,
        and between them those that are only published, each before the next of its table that is in both. A
        row has ``row``, ``label``, ``run`` (name of the experiment or variant, or None), ``runs`` (their
        number), ``figures`` by name with ``mean``, ``spread`` (sample standard deviation, None for one run)
        and ``values``, and ``published`` figures by data set and name. All in percent; figures that a run
        does not have, or that are undefined in one run, are left out.

    Raises:
        UserError: A row names an experiment or variant without figures.
    """
    chosen: Mapping[str, Mapping[str, str]] = dict(settings)
    return [
        _table(table, chosen[table.name], labels if table.name == LABELS else experiments)
        for table in published.tables
        if chosen.get(table.name)
    ]


def summarise(values: Sequence[float]) -> dict[str, Any]:
    """Mean and sample standard deviation of a figure over runs, in percent, from fractions."""
    percent = [round(100 * value, DECIMALS) for value in values]
    spread = round(statistics.stdev(percent), DECIMALS) if len(percent) > 1 else None
    return {"mean": round(statistics.fmean(percent), DECIMALS), "spread": spread, "values": percent}


def _table(table: PublishedTable, chosen: Mapping[str, str], runs: Runs) -> dict[str, Any]:
    known = {row.row: row for row in table.rows}
    order: list[str] = []
    for name in chosen:
        before = list(known)[: list(known).index(name)] if name in known else []
        order += [*(other for other in before if other not in chosen and other not in order), name]
    order += [name for name in known if name not in order]
    return {
        "name": table.name,
        "title": table.title,
        "source": table.source,
        "note": table.note,
        "shown": list(table.shown),
        "data": list(dict.fromkeys(data for row in table.rows for data in row.figures)),
        "rows": [_row(name, known.get(name), chosen.get(name), table, runs) for name in order],
    }


def _row(
    name: str, published: PublishedRow | None, run: str | None, table: PublishedTable, runs: Runs
) -> dict[str, Any]:
    if run is not None and run not in runs:
        raise UserError(
            f"comparison.{table.name}.{name}: there are no figures of {run!r}",
            fix=f"give {run}=FILE, or take the row out of the configuration",
        )
    found = runs[run] if run is not None else []
    return {
        "row": name,
        "label": published.label if published else "",
        "run": run,
        "runs": len(found),
        "figures": {
            figure: summarise([figures[figure] for figures in found])
            for figure in table.shown
            # -1 is the protocols' word for a figure without any truth.
            if found and all(figures.get(figure, -1) >= 0 for figures in found)
        },
        "published": published.figures if published else {},
    }
