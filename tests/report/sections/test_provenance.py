from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.tables import write_table
from uvis_core.report.sections.provenance import Stamp, read_stamps, settings_of

EMPTY = {name: [] for name in ("video_id", "frame_index", "path", "height_px", "width_px", "timestamp_s")}


def test_stamps_are_read_from_the_first_table(tmp_path):
    write_table(tmp_path / "a.parquet", FRAMES, EMPTY, {"code": "abc", "settings": '{"stride": 2}'})
    (stamp,) = read_stamps({"frames": [str(tmp_path / "a.parquet"), "never opened"], "masks": []})
    assert stamp == Stamp("frames", "abc", {"stride": 2})
    assert stamp.settings_text == "stride: 2"


def test_tables_without_stamp_say_nothing(tmp_path):
    write_table(tmp_path / "a.parquet", FRAMES, EMPTY)
    (stamp,) = read_stamps({"frames": [str(tmp_path / "a.parquet")]})
    assert (stamp.code, stamp.settings_text) == ("", "")


def test_settings_are_those_of_the_stage():
    stamps = [Stamp("masks", "", {"objectness": 0.1}), Stamp("labels", "", {"objectness": 0.7})]
    assert settings_of(stamps, "labels") == {"objectness": 0.7}
    assert settings_of(stamps, "tracks") == {}
