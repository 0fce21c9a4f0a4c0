from uvis_core.io.atomic import write_json
from uvis_core.report.summary import summary_text, unreadable_videos


def test_figures_in_percent_and_a_dash_where_nothing_was_measured(tmp_path):
    write_json(tmp_path / "a.json", {"AP": 0.5, "AP50": 0.75, "AP75": -1.0, "AR1": 0.125, "AR10": 1.0})
    text = summary_text(
        {"uvis": tmp_path / "a.json", "later": tmp_path / "b.json"}, {"report": "a/index.html"}
    )
    header, row, report = text.splitlines()
    assert header.split() == ["experiment", "AP", "AP50", "AP75", "AR1", "AR10"]
    assert row.split() == ["uvis", "50.0", "75.0", "-", "12.5", "100.0"]
    assert report == "report: a/index.html"


def test_nothing_to_show_is_empty():
    assert summary_text({}, {}) == ""


def test_videos_that_could_not_be_read_are_told_with_where_the_reasons_stand(tmp_path):
    write_json(tmp_path / "train.json", {"videos": 3, "failed": 1, "frames": 24, "failures": [{}]})
    write_json(tmp_path / "test.json", {"videos": 2, "failed": 0, "frames": 24, "failures": []})
    checks = [tmp_path / f"{split}.json" for split in ("train", "test", "later")]
    assert unreadable_videos(checks) == {
        "train, left out": f"1 of 3 videos could not be read, see {tmp_path / 'train.json'}"
    }
