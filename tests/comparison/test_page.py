import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from uvis_core.comparison.page import compare, is_same_data, write_comparison
from uvis_core.io.atomic import write_json
from uvis_core.io.errors import UserError

OTHER, OVIS = "YTVIS-2019 val", "OVIS"
SCRIPT = "<script>alert('x')</script>"


def row(
    name: str, own: list[float] | None = None, label: str = "", **published: dict[str, float]
) -> dict[str, Any]:
    mean = sum(own) / len(own) if own else 0.0
    spread = 1.0 if own and len(own) > 1 else None
    return {
        "row": name,
        "label": label,
        "run": f"run_{name}" if own else None,
        "runs": len(own or ()),
        "figures": {"AP": {"mean": mean, "spread": spread, "values": own}} if own else {},
        "published": published,
    }


def table(*rows: dict[str, Any], title: str = "Tracking memory") -> dict[str, Any]:
    data = list(dict.fromkeys(name for entry in rows for name in entry["published"]))
    return {
        "name": "memory",
        "title": title,
        "source": "Paper, Table 4",
        "note": "A slip.",
        "shown": ["AP", "HOTA"],
        "data": data,
        "rows": list(rows),
    }


BOTH = table(
    row("without", [10.0, 20.0, 30.0], **{OTHER: {"AP": 20.0, "AR1": 22.0}}),
    row("with", [40.0], "the memory", **{OTHER: {"AP": 25.0}, OVIS: {"AP": 3.5}}),
    row("published only", **{OTHER: {"AP": 5.0}}),
)


def test_own_columns_come_first() -> None:
    view = compare(BOTH, "toy")
    # No run has HOTA, so it has no column.
    assert [(group.data, group.own, group.same_data, group.columns) for group in view.groups] == [
        ("toy", True, True, ("AP",)),
        (OTHER, False, False, ("AP", "AR1")),
        (OVIS, False, False, ("AP",)),
    ]
    assert [[cell.value for cell in line.cells] for line in view.rows] == [
        [20.0, 20.0, 22.0, None],
        [40.0, 25.0, None, 3.5],
        [None, 5.0, None, None],
    ]
    assert [cell.spread for cell in view.rows[0].cells] == [1.0, None, None, None]
    assert [cell.first for cell in view.rows[0].cells] == [True, True, False, True]
    assert [(line.run, line.seeds) for line in view.rows] == [("run_without", 3), ("run_with", 1), (None, 0)]


def test_every_panel_has_its_own_scale() -> None:
    own, published = compare(BOTH, "toy").panels
    assert (own.group.data, published.group.data) == ("toy", OTHER)
    # Of the largest value, a single run at 40; of the largest published one, 25.
    assert [(bar.name, bar.length, bar.dots) for bar in own.bars] == [
        ("without", 50.0, (25.0, 50.0, 75.0)),
        ("with", 100.0, ()),
    ]
    assert [bar.length for bar in published.bars] == [80.0, 100.0, 20.0]


def test_published_figures_alone_have_no_panels() -> None:
    view = compare(table(row("a", **{OTHER: {"AP": 5.0}}), row("b", **{OTHER: {"AP": 5.0}})), "toy")
    assert view.panels == ()
    assert [group.own for group in view.groups] == [False]


@pytest.mark.parametrize(
    ("dataset", "published", "same"),
    [
        ("toy", OTHER, False),
        ("ytvis2019", OTHER, True),
        ("ytvis2021", OTHER, False),
        ("ovis", OVIS, True),
    ],
)
def test_the_run_s_name_says_what_it_is_on(dataset: str, published: str, same: bool) -> None:
    assert is_same_data(dataset, published) is same


class Tags(HTMLParser):
    """Names of all elements and addresses of all links."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


def written(folder: Path, *tables: dict[str, Any]) -> str:
    write_json(folder / "tables.json", {"dataset": "toy", "tables": list(tables)})
    write_comparison(folder / "tables.html", folder / "tables.json")
    return (folder / "tables.html").read_text(encoding="utf-8")


def test_the_page_says_what_is_whose(tmp_path: Path) -> None:
    text = written(tmp_path, BOTH)
    assert "Different data stand side by side" in text
    # Two published groups of columns, one panel, one in the notice.
    assert text.count(">other data</span>") == 4
    assert "Published: Paper, Table 4. A slip." in text
    assert "run <i>run_without</i>, 3\u202fseeds".replace("\u202f", " ") in text
    assert '<b>20.0</b> <span class="detail">±&nbsp;1.0</span>' in text


def test_the_page_asks_nothing_of_the_network(tmp_path: Path) -> None:
    text = written(tmp_path, table(row(SCRIPT, [1.0], SCRIPT, **{SCRIPT: {SCRIPT: 1.0}}), title=SCRIPT))
    page = Tags()
    page.feed(text)
    assert not {"script", "link", "iframe", "img"} & page.tags
    assert set(page.links) == {"index.html", "#table-1"}
    assert not re.search(r"https?://|@import|url\(", text)
    assert written(tmp_path, BOTH) == written(tmp_path, BOTH)


def test_tables_without_figures_say_so(tmp_path: Path) -> None:
    assert "needs truth that the run did not have" in written(
        tmp_path, table(row("a", **{OTHER: {"AP": 5.0}}))
    )


@pytest.mark.parametrize("content", [{}, [], {"dataset": "toy", "tables": [{"title": "x"}]}])
def test_other_files_are_refused(tmp_path: Path, content: object) -> None:
    write_json(tmp_path / "x.json", content)
    with pytest.raises(UserError, match=r"x\.json: holds no gathered tables"):
        write_comparison(tmp_path / "x.html", tmp_path / "x.json")
