import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tests.report.made_up import FIGURES, QUALITY, SCRIPT
from uvis_core.config.report import ReportSettings
from uvis_core.io.atomic import read_json, write_json
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.tables import read_table, write_table
from uvis_core.report.report import write_report

SMALL = ReportSettings(clips=1, clip_height_px=64, title="A run")
VOID = {"meta", "source", "line", "rect", "polyline", "br", "link", "img"}


def page(inputs, tmp_path, settings=SMALL):
    path = tmp_path / "page" / "index.html"
    write_report(path, inputs, settings)
    return path.read_text(encoding="utf-8")


class Elements(HTMLParser):
    """Checks that elements are nested well, and gathers ids and attributes."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.ids, self.links = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name in ("href", "src", "poster", "action", "data"):
                self.links.append(value)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag, (tag, self.getpos())


def parsed(text):
    elements = Elements()
    elements.feed(text)
    assert elements.open == []
    return elements


def test_page_shows_all_sections(make_run, tmp_path):
    text = page(make_run(), tmp_path).replace("\u202f", " ").replace("\u00a0", " ")
    for fact in (
        '<div class="value">43.2</div>',
        "AP of uvis",
        "APs 25.0",
        "50.0 % of the masks",
        "breaks off after 1.00 of 2.00 seconds",
        "1 min 16 s",
        "2.0 GB",
        "not recorded",
        "abc123",
        "shards: 1",
        "class_score: 0.6",
        "mean IoU",
        "Precision over recall",
        "Not drawn: 2 masks",
        "results/made-up/exports/ytvis/",
        "Jobs of earlier runs",
        "Confusion between classes",
        '<span class="detail">2 objects</span>',
        "Precision over recall of every class",
        "What other thresholds would give",
        "mean F1 62.5, precision 75.0, recall 50.0",
        "0.7 is configured",
        "Worst and best videos",
        '<a href="#clip-0">clip-test</a>',
        "1 identity switch.",
        "identity switches: 1 (star at 0.2 s)",
        "1 of 2 classes has no label: ring (8 masks, 2 removed by area)",
        "ring is close: 27 % against 73 %",
        "model.safetensors",
    ):
        assert fact in text, fact
    assert text.count("<video ") == 2


def test_page_is_whole_and_asks_nothing_of_the_network(make_run, tmp_path):
    text = page(make_run(), tmp_path)
    elements = parsed(text)
    assert len(set(elements.ids)) == len(elements.ids)
    assert elements.links
    for link in elements.links:
        assert link.startswith(("data:video/mp4;base64,", "data:image/jpeg;base64,", "#")), link[:60]
        assert not link.startswith("#") or link[1:] in elements.ids
    assert not {"script", "link", "iframe", "object", "form"} & set(elements.tags)
    assert not re.search(r"https?://|@import", text)
    assert set(re.findall(r"url\((.{16})", text)) == {"data:image/jpeg;"}
    assert "default-src 'none'" in text


def test_hostile_names_stay_text(make_run, tmp_path):
    text = page(make_run(SCRIPT, SCRIPT), tmp_path, ReportSettings(clips=2, clip_height_px=64, title=SCRIPT))
    assert "script" not in parsed(text).tags
    assert text.count("&lt;script&gt;") >= 6


def test_equal_inputs_give_equal_bytes(make_run, tmp_path):
    inputs = make_run()
    assert page(inputs, tmp_path / "one") == page(inputs, tmp_path / "two")


def test_without_truth_there_are_no_figures(make_run, tmp_path):
    inputs = replace(make_run(), evaluations={}, truth=None, train_truth=None, label_quality=None)
    text = page(inputs, tmp_path)
    parsed(text)
    assert "there is no truth" in text
    assert "What other thresholds would give" not in text
    assert "Worst and best videos" not in text
    assert "AP50" not in text
    assert text.count("<video ") == 2


def test_the_davis_protocol_has_figures_of_its_own(make_run, tmp_path):
    inputs = make_run()
    davis = {"protocol": "davis", "class_agnostic": True, "J&F": 0.512, "J": 0.5, "F": 0.5}
    write_json(tmp_path / "davis.json", davis)
    text = page(replace(inputs, evaluations={"uvis": str(tmp_path / "davis.json")}), tmp_path)
    parsed(text)
    assert '<div class="value">51.2</div>' in text
    assert "J&amp;F of uvis" in text
    assert "region similarity" in text


def test_davis_figures_are_shown_beside_average_precision(make_run, tmp_path):
    inputs = make_run()
    figures = {**read_json(inputs.evaluations["uvis"]), "J&F": 0.512, "J": 0.5, "F": 0.524}
    write_json(tmp_path / "both.json", figures)
    text = page(replace(inputs, evaluations={"uvis": str(tmp_path / "both.json")}), tmp_path)
    parsed(text)
    assert "AP of uvis" in text
    assert "<td>51.2</td>" in text
    assert "boundary accuracy" in text


def test_a_bare_run_still_has_a_page(make_run, tmp_path):
    inputs = replace(
        make_run(),
        evaluations={},
        truth=None,
        train_truth=None,
        label_quality=None,
        crops=(),
        metrics=None,
        model=None,
        exports=(),
        benchmarks=None,
        frames_summaries=(),
        configuration=None,
    )
    text = page(inputs, tmp_path, ReportSettings(clips=0))
    parsed(text)
    for line in ("every video was read", "left no record", "left no metrics", "No clips"):
        assert line in text


def test_the_same_videos_are_shown_once(make_run, tmp_path):
    run = make_run()
    inputs = replace(run, frames=run.train_frames, truth=run.train_truth)
    text = page(inputs, tmp_path)
    assert "the same videos tracked" in text
    assert text.count("<video ") == 1


def test_a_missing_table_is_named(make_run, tmp_path):
    with pytest.raises(UserError, match=r"none\.parquet"):
        page(replace(make_run(), masks=[str(tmp_path / "none.parquet")]), tmp_path)


def test_with_one_class_only_nothing_of_classes_is_shown(make_run, tmp_path):
    inputs = make_run()
    for path, schema, column in (
        (inputs.labels[0], LABELS, "class_id"),
        (inputs.tracks[0], TRACKS, "class_id"),
    ):
        columns = read_table(path, schema).to_pydict()
        if "class_score" in columns:
            columns["class_score"] = [1.0] * len(columns[column])
        write_table(path, schema, {**columns, column: [1] * len(columns[column])})
    write_json(inputs.vocabulary, {"classes": [{"id": 1, "name": "object"}]})
    one = {"class_ids": [1], "matrix": [[3]], "missed": [1]}
    figures = {**FIGURES, "class_agnostic": True, "per_class": [], "class_curves": [], "confusion": one}
    write_json(inputs.evaluations["uvis"], figures)
    text = page(replace(inputs, crops=()), tmp_path)
    parsed(text)
    for nothing in (
        'id="classes"',
        "#classes",
        "By class that",
        "Class score",
        "Confusion",
        "mean over classes",
    ):
        assert nothing not in text, nothing
    for something in ("Objectness", "Similarity", "Worst and best videos", "What stands out"):
        assert something in text, something


def whole_names(text, name):
    """What stands before each place that shows a name uncut; tooltips apart."""
    body = re.sub(r' title="[^"]*"', "", text.partition("<body>")[2])
    return [body[: place.start()][-80:] for place in re.finditer(re.escape(name), body)]


# Charts are described by their whole title to those who do not see them.
MAY_STAND_BEFORE = ('<span class="long">', ": ")


@pytest.mark.parametrize("name", ["x" * 100, "a rather long name of five words"])
def test_names_of_classes_wrap_or_are_cut(make_run, tmp_path, name):
    text = page(make_run("clip", name), tmp_path)
    parsed(text)
    if len(name) > 60:
        assert all(before.endswith(MAY_STAND_BEFORE) for before in whole_names(text, name))
    assert text.count('<span class="long"') >= 3


def test_names_that_only_the_truth_knows_may_be_of_any_length(make_run, tmp_path):
    inputs, name = make_run(), "x" * 3000
    figures = {
        **FIGURES,
        **{
            key: [{**row, "class_id": 7, "name": name} for row in FIGURES[key]]
            for key in ("per_class", "class_curves")
        },
    }
    figures["per_class"] = figures["per_class"][:1]
    write_json(inputs.evaluations["uvis"], figures)
    text = page(inputs, tmp_path)
    parsed(text)
    before = whole_names(text, name)
    assert len(before) >= 3
    assert all(words.endswith(MAY_STAND_BEFORE) for words in before)


def test_what_is_not_there_yet_is_no_link(make_run, tmp_path):
    text = page(make_run(), tmp_path)
    assert "<code>tables.html</code>" in text
    assert "tables.html" not in parsed(text).links


def test_other_suspicious_labels_are_not_asked_for(make_run, tmp_path):
    text = page(make_run(), tmp_path, ReportSettings(clips=0, suspicious_labels=0))
    parsed(text)
    assert "none was to be shown" in text
    assert "<img" not in text


def test_a_better_threshold_is_marked_with_the_line_to_try_it(make_run, tmp_path):
    inputs = make_run()
    write_json(inputs.label_quality, {**QUALITY, "mF1": 0.55})
    text = page(inputs, tmp_path)
    assert "Best at 0.5: mean F1 60.0 instead of 55.0." in text
    assert "--config &#39;labels={variants: {full: {objectness: 0.5}}}&#39;" in text
    assert text.count('<circle class="best"') == 3
