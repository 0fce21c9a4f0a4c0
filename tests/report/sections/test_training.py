import json

import pytest

from uvis_core.io.errors import UserError
from uvis_core.report.sections.training import read_metrics, training_charts


def write(path, *entries):
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
    return path


def test_a_step_logged_twice_counts_once(tmp_path):
    path = write(tmp_path / "m.jsonl", {"step": 2, "loss": 5}, {"step": 1, "loss": 9}, {"step": 2, "loss": 4})
    assert read_metrics(path) == [{"step": 1, "loss": 9}, {"step": 2, "loss": 4}]


def test_charts_show_what_was_logged():
    entries = [{"step": step, "loss": 9.0, "loss_dice": 3.0, "loss_class": 1.0} for step in (1, 2)]
    charts = training_charts(entries)
    assert [chart.title for chart in charts] == ["Loss", "Parts of the loss"]
    assert [line.name for line in charts[1].lines] == ["class", "dice"]
    assert training_charts([]) == []


@pytest.mark.parametrize("text", ["not json\n", '{"loss": 1}\n', "[1]\n"])
def test_broken_metrics_are_named(tmp_path, text):
    path = tmp_path / "m.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"m\.jsonl"):
        read_metrics(path)


def test_missing_metrics_are_named(tmp_path):
    with pytest.raises(UserError, match=r"m\.jsonl"):
        read_metrics(tmp_path / "m.jsonl")
