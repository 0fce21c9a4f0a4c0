from uvis_core.comparison.markdown import as_markdown

TABLE = {
    "name": "memory",
    "title": "Tracking memory",
    "source": "Paper, Table 4",
    "note": "A slip.",
    "shown": ["AP", "HOTA"],
    "data": ["YTVIS", "OVIS"],
    "rows": [
        {
            "row": "without",
            "label": "frame to frame",
            "run": "minvis",
            "runs": 3,
            "figures": {"AP": {"mean": 20.04, "spread": 1.26, "values": []}},
            "published": {"YTVIS": {"AP": 20.7, "AR1": 22.0}},
        },
        {
            "row": "with",
            "label": "",
            "run": None,
            "runs": 0,
            "figures": {},
            "published": {"YTVIS": {"AP": 21.4}, "OVIS": {"AP": 3.5}},
        },
        {
            "row": "own",
            "label": "",
            "run": "uvis",
            "runs": 1,
            "figures": {"AP": {"mean": 30.0, "spread": None, "values": []}},
            "published": {},
        },
    ],
}


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def test_own_columns_come_before_published_ones():
    lines = as_markdown([TABLE], "toy").splitlines()
    start = lines.index("## Tracking memory") + 2
    header, _, *rows = [cells(line) for line in lines[start : start + 5]]
    # No run has HOTA, so it has no column.
    assert header == ["", "what", "run", "seeds", "**toy** AP", "YTVIS AP", "YTVIS AR1", "OVIS AP"]
    assert rows == [
        ["without", "frame to frame", "minvis", "3", "20.0 ± 1.3", "20.7", "22.0", "–"],
        ["with", "", "–", "–", "–", "21.4", "–", "3.5"],
        ["own", "", "uvis", "1", "30.0", "–", "–", "–"],
    ]


def test_data_sets_and_sources_are_named():
    text = as_markdown([TABLE], "toy")
    assert text.startswith("# The paper's tables on toy\n")
    assert "Different headings are different data" in text
    assert "Published: Paper, Table 4. A slip.\n" in text
