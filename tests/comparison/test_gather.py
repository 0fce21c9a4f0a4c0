import json

import pytest

from uvis_core.comparison.gather import gather_tables, read_runs, summarise
from uvis_core.comparison.published import Published
from uvis_core.config.comparison import ComparisonSettings
from uvis_core.io.errors import UserError

PUBLISHED = Published.model_validate(
    {
        "tables": [
            {
                "name": "ablation",
                "title": "Ablation",
                "source": "Paper, Table 2",
                "shown": ["AP", "IDF1"],
                "rows": [
                    {"row": "A1", "label": "first", "figures": {"data": {"AP": 12.5}}},
                    {"row": "A2", "label": "second", "figures": {"data": {"AP": 16.6}, "more": {"AP": 1.0}}},
                ],
            },
            {
                "name": "labels",
                "title": "Labels",
                "source": "Paper, supplement",
                "shown": ["mF1"],
                "rows": [{"row": "none", "figures": {"data": {"mF1": 28.6}}}],
            },
        ]
    }
)
RUNS = {"uvis": [{"AP": 0.2, "IDF1": -1}, {"AP": 0.3, "IDF1": 0.5}], "new": [{"AP": 0.1, "IDF1": 0.25}]}
LABELS = {"full": [{"mF1": 0.4}]}


def gather(**rows):
    return gather_tables(ComparisonSettings.model_validate(rows), PUBLISHED, RUNS, LABELS)


def test_mean_and_sample_standard_deviation_in_percent():
    # Deviations from 20 are -10, 0, 10: 200 over n - 1 = 2 gives a variance of 100.
    assert summarise([0.1, 0.2, 0.3]) == {"mean": 20.0, "spread": 10.0, "values": [10.0, 20.0, 30.0]}
    assert summarise([0.1]) == {"mean": 10.0, "spread": None, "values": [10.0]}


def test_runs_stand_beside_published_figures():
    ablation, labels = gather(ablation={"A2": "uvis"}, labels={"none": "full"})
    assert [row["row"] for row in ablation["rows"]] == ["A1", "A2"]
    first, second = ablation["rows"]
    assert (first["run"], first["runs"], first["figures"]) == (None, 0, {})
    assert first["published"] == {"data": {"AP": 12.5}}
    assert (second["run"], second["runs"]) == ("uvis", 2)
    assert second["figures"]["AP"]["mean"] == 25.0
    assert ablation["data"] == ["data", "more"]
    assert labels["rows"][0]["figures"]["mF1"] == {"mean": 40.0, "spread": None, "values": [40.0]}


def test_figure_undefined_in_one_run_is_left_out():
    (ablation,) = gather(ablation={"A1": "new", "A2": "uvis"})
    assert [list(row["figures"]) for row in ablation["rows"]] == [["AP", "IDF1"], ["AP"]]


@pytest.mark.parametrize(
    ("chosen", "order"),
    [
        ({"A2": "uvis"}, ["A1", "A2"]),
        ({"A1": "uvis", "own": "new", "A2": "new"}, ["A1", "own", "A2"]),
        ({"own": "new", "A1": "uvis"}, ["own", "A1", "A2"]),
        ({"own": "new", "A2": "uvis"}, ["own", "A1", "A2"]),
        ({"A2": "new", "A1": "uvis"}, ["A2", "A1"]),
    ],
)
def test_rows_that_are_only_published_stand_between_those_of_the_configuration(chosen, order):
    (ablation,) = gather(ablation=chosen)
    assert [row["row"] for row in ablation["rows"]] == order
    for row in ablation["rows"]:
        assert row["run"] == chosen.get(row["row"])
        assert bool(row["published"]) == row["row"].startswith("A")


def test_a_table_in_which_no_run_stands_is_left_out():
    assert [table["name"] for table in gather(labels={"none": "full"})] == ["labels"]
    assert gather() == []


def test_row_without_figures_is_named():
    with pytest.raises(UserError, match=r"comparison\.ablation\.A1: there are no figures of 'lost'"):
        gather(ablation={"A1": "lost"})
    with pytest.raises(UserError, match=r"comparison\.labels\.none: there are no figures of 'uvis'"):
        gather(labels={"none": "uvis"})


def test_a_name_that_comes_again_adds_a_run(tmp_path):
    for seed in (0, 1):
        (tmp_path / f"{seed}.json").write_text(json.dumps({"AP": seed}))
    pairs = [f"uvis={tmp_path}/0.json", f"uvis={tmp_path}/1.json"]
    assert read_runs(pairs) == {"uvis": [{"AP": 0}, {"AP": 1}]}
    with pytest.raises(UserError, match="NAME=FILE"):
        read_runs(["figures.json"])
