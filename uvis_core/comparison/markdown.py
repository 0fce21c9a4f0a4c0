"""The gathered tables as Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

from tabulate import tabulate

DASH = "–"
HEAD = """# The paper's tables on {dataset}

Made by `snakemake tables`. Columns headed **{dataset}** are this run's: mean over the training seeds ± sample standard
deviation, in percent. All other columns are published figures, in percent, on the data that their headings name.
**Different headings are different data, models and sizes: what a component adds can be compared, heights cannot.**
"""


def as_markdown(tables: Sequence[Mapping[str, Any]], dataset: str) -> str:
    """Show all tables, this run's columns before the published ones.

    Args:
        tables: As ``gather_tables`` gives them.
        dataset: Name of the run's data set.
    """
    return "\n".join([HEAD.format(dataset=dataset), *(_section(table, dataset) for table in tables)])


def _section(table: Mapping[str, Any], dataset: str) -> str:
    rows = table["rows"]
    own = [name for name in table["shown"] if any(name in row["figures"] for row in rows)]
    published = [
        (data, name)
        for data in table["data"]
        for name in dict.fromkeys(name for row in rows for name in row["published"].get(data, {}))
    ]
    headings = ["", "what", "run", "seeds", *(f"**{dataset}** {name}" for name in own)]
    headings += [f"{data} {name}" for data, name in published]
    cells = [
        [
            row["row"],
            row["label"],
            row["run"] or DASH,
            row["runs"] or DASH,
            *(_cell(row["figures"].get(name)) for name in own),
            *(_number(row["published"].get(data, {}).get(name)) for data, name in published),
        ]
        for row in rows
    ]
    align = ["left"] * 3 + ["right"] * (len(headings) - 3)
    text = tabulate(cells, headings, tablefmt="github", colalign=align, disable_numparse=True)
    note = f" {table['note']}" if table["note"] else ""
    return f"## {table['title']}\n\n{text}\n\nPublished: {table['source']}.{note}\n"


def _number(value: float | None) -> str:
    return DASH if value is None else f"{value:.1f}"


def _cell(figure: Mapping[str, Any] | None) -> str:
    if figure is None:
        return DASH
    return _number(figure["mean"]) + ("" if figure["spread"] is None else f" ± {figure['spread']:.1f}")
