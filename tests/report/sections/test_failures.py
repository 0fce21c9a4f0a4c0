from uvis_core.io.atomic import write_json
from uvis_core.report.sections.failures import facts


def test_failures_are_listed_split_by_split(tmp_path):
    entry = {"path": "x.mp4", "reason": "breaks off"}
    write_json(tmp_path / "train.json", {"failures": [{"video_id": "a", **entry}]})
    write_json(tmp_path / "test.json", {"failures": []})
    assert facts([str(tmp_path / "train.json"), str(tmp_path / "test.json")]) == {
        "failures": [{"split": "train", "video_id": "a", "reason": "breaks off"}]
    }
    assert facts([]) == {"failures": []}
