from uvis_core.config.report import ReportSettings
from uvis_core.report.report import write_report

SMALL = ReportSettings(clips=1, clip_height_px=64, title="A run")


def page(inputs, tmp_path, settings=SMALL):
    path = tmp_path / "page" / "index.html"
    write_report(path, inputs, settings)
    return path.read_text(encoding="utf-8")


def test_page_shows_all_sections(make_run, tmp_path):
    text = page(make_run(), tmp_path)
    assert "43.2" in text
    assert "breaks off after 1.00 of 2.00 seconds" in text
    assert "1 min 16 s" in text
    assert "2.0 GB" in text
    assert "not recorded" in text
    assert text.count("<video ") == 2
    assert "abc123" in text
    assert "shards: 1" in text
