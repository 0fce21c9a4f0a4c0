import json

import pytest
import yaml

from tests.conftest import ROOT
from uvis_core.comparison.published import Published, read_published
from uvis_core.config.comparison import ComparisonSettings
from uvis_core.io.errors import UserError

PATH = ROOT / "uvis_core/comparison/published.json"


@pytest.fixture(scope="module")
def tables() -> Published:
    return read_published(PATH)


def figures(tables: Published, name: str, figure: str = "AP", data: str = "YTVIS-2019 val") -> list[float]:
    """One column of a table; rows without it are left out."""
    (table,) = (table for table in tables.tables if table.name == name)
    return [row.figures[data][figure] for row in table.rows if figure in row.figures.get(data, {})]


def test_ablation_climbs_to_the_whole_method(tables):
    ablation = figures(tables, "ablation")
    assert ablation == [12.5, 16.6, 18.4, 19.8, 20.7, 21.4]
    # The first row is the DeepSORT baseline, the last the whole method; both are in the main table too.
    assert [ablation[0], ablation[-1]] == figures(tables, "main")[-2:]


def test_thresholds_meet_the_ablation(tables):
    tau, ablation = figures(tables, "tau"), figures(tables, "ablation")
    assert tau == [19.8, 20.1, 20.7, 19.9]
    assert (tau[0], tau[2]) == (ablation[3], ablation[4])


def test_memory_is_the_last_step_of_the_ablation(tables):
    assert figures(tables, "memory") == figures(tables, "ablation")[-2:]
    assert figures(tables, "memory", data="YTVIS-2019, supervised MinVIS") == [47.3, 50.7]
    assert figures(tables, "memory", data="OVIS, supervised MinVIS") == [26.7, 27.2]


def test_labels_and_other_data_sets(tables):
    assert figures(tables, "labels", "mF1", "YTVIS-2019") == [28.6, 42.5, 43.1]
    assert figures(tables, "main", data="YTVIS-2021") == [10.3, 17.5]
    assert figures(tables, "main", data="OVIS") == [1.6, 3.5]


def test_main_table_in_full(tables):
    columns = {name: figures(tables, "main", name) for name in ("AP50", "AP75", "AR1", "AR10")}
    assert columns == {
        "AP50": [51.3, 17.5, 18.0, 27.2, 27.1, 42.3],
        "AP75": [30.1, 3.5, 3.0, 6.2, 10.8, 19.4],
        "AR1": [34.7, 7.1, 9.0, 12.3, 15.3, 22.5],
        "AR10": [38.1, 7.8, 10.7, 13.6, 18.1, 28.2],
    }
    assert figures(tables, "main") == [30.3, 6.3, 7.3, 10.5, 12.5, 21.4]


def test_the_default_fills_every_row_that_can_be_run(tables):
    names = {table.name: {row.row for row in table.rows} for table in tables.tables}
    assert set(names) == set(ComparisonSettings.model_fields)
    chosen = yaml.safe_load((ROOT / "config.yaml").read_text())["comparison"]
    other_methods = {"MinVIS", "WISE", "IRN", "WeakVIS"}
    # Thresholds on cosines depend on the CLIP model, so those of the tau table are the configuration's own.
    for name in ("main", "ablation", "memory", "labels"):
        assert names[name] - other_methods <= set(chosen[name])


def test_damaged_file_is_named(tmp_path):
    path = tmp_path / "published.json"
    path.write_text(json.dumps({"tables": [{"name": "x", "titel": "X"}]}))
    with pytest.raises(UserError, match=r"published.json.*titel: there is no such key"):
        read_published(path)
