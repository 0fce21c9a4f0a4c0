import pytest
from uvis_core.report.gallery import SplitFiles, chosen_videos, clip_group, rows_of, video_layers
from uvis_core.report.videos import Switch, VideoResult

from tests.report.made_up import NAMES
from uvis_core.config.report import ReportSettings
from uvis_core.io.atomic import read_json
from uvis_core.io.schemas.labels import LABELS

SETTINGS = ReportSettings(clips=5, clip_height_px=64, max_clip_frames=2)
PLENTY = 1e9
FPS = 6.0
RESULTS = {
    "clip-test": VideoResult("clip-test", 1, 87.5, (Switch(1, 1, 1),)),
    "second-test": VideoResult("second-test", 1, 12.5, ()),
    "elsewhere": VideoResult("elsewhere", 1, 1.0, ()),
}


@pytest.fixture
def tracked(make_run):
    run = make_run()
    return SplitFiles(run.frames, tracks=run.tracks, truth=read_json(run.truth), results=RESULTS)


@pytest.fixture
def labelled(make_run):
    run = make_run()
    return SplitFiles(run.train_frames, run.masks, run.labels)


def titles(layers):
    return [layer.title for layer in layers]


def test_tracked_videos_show_truth_and_tracks(tracked):
    group = clip_group("Tracked", "clip", tracked, NAMES, SETTINGS, PLENTY)
    assert [shown.clip.video_id for shown in group.clips] == ["clip-test", "second-test"]
    assert [shown.score for shown in group.clips] == [87.5, 12.5]
    assert [shown.anchor for shown in group.clips] == ["clip-0", "clip-1"]
    assert [shown.why for shown in group.clips] == [
        "drawn by lot, among the best",
        "drawn by lot, among the worst",
    ]
    assert [(shown.switches, list(shown.switch_texts)) for shown in group.clips] == [
        (1, ["star at 0.2 s"]),
        (0, []),
    ]
    assert group.marked
    assert group.clips[0].clip.titles == ("Video", "Truth", "Tracks")
    assert group.clips[0].counts == ("objects in truth: 1", "tracks drawn: 1")
    assert "below 0.3" in group.caption


def test_labelled_videos_show_labels(labelled):
    group = clip_group("Labelled", "label", labelled, NAMES, SETTINGS, PLENTY)
    assert group.clips[0].clip.titles == ("Video", "Pseudo-labels")
    assert group.clips[0].counts == ("pseudo-labels: 4",)
    assert (group.clips[0].score, group.clips[0].switches, group.marked) == (None, None, False)


@pytest.mark.parametrize(
    "truth", [None, {"videos": [], "annotations": []}, {"videos": [], "annotations": None}]
)
def test_videos_without_truth_show_tracks_alone(tracked, truth):
    files = SplitFiles(tracked.frames, tracks=tracked.tracks, truth=truth)
    assert titles(video_layers("clip-test", files, NAMES, 0.3, FPS)) == ["Video", "Tracks"]


def test_the_same_videos_show_everything(make_run):
    run = make_run()
    files = SplitFiles(run.train_frames, run.masks, run.labels, run.tracks, read_json(run.train_truth))
    layers = video_layers("clip-train", files, NAMES, 0.3, FPS)
    assert titles(layers) == ["Video", "Truth", "Pseudo-labels", "Tracks"]
    assert layers[-1].tubes == []


def test_clips_beyond_the_budget_are_left_out(tracked):
    one = clip_group("Tracked", "clip", tracked, NAMES, ReportSettings(clips=1, clip_height_px=64), PLENTY)
    group = clip_group("Tracked", "clip", tracked, NAMES, SETTINGS, one.clips[0].clip.bytes * 1.2)
    assert (len(group.clips), group.left_out) == (1, 1)


def test_no_clips_give_no_group(tracked):
    assert clip_group("Tracked", "clip", tracked, NAMES, ReportSettings(clips=0), PLENTY) is None
    assert clip_group("Tracked", "clip", tracked, NAMES, SETTINGS, 10) is None


def test_rows_come_from_whichever_table_holds_them(labelled):
    rows = rows_of([*labelled.labels, *labelled.labels], LABELS, "clip-train")
    assert len(rows) == 16
    assert set(rows["video_id"].to_pylist()) == {"clip-train"}


def test_switches_are_marked_on_the_tracks(tracked):
    layers = video_layers("clip-test", tracked, NAMES, 0.3, FPS)
    assert [len(layer.marks) for layer in layers] == [0, 0, 1]
    assert list(layers[-1].marks[0].masks) == [1, 2]
    assert video_layers("second-test", tracked, NAMES, 0.3, FPS)[-1].marks == []


def test_videos_are_chosen_by_lot_and_by_how_they_went():
    results = {
        name: VideoResult(name, 1, score, ()) for name, score in zip("abcd", (40, 10, 90, 60), strict=True)
    }
    settings = ReportSettings(clips=1, extreme_clips=1)
    chosen = chosen_videos("abcd", results, settings)
    lot = next(iter(chosen))
    assert chosen[lot].startswith("drawn by lot")
    assert [name for name, why in chosen.items() if "worst" in why] == ["b"]
    assert [name for name, why in chosen.items() if "best" in why] == ["c"]
    # What the tables do not hold cannot be shown, however well it went.
    assert set(chosen_videos("ab", results, ReportSettings(clips=2))) == {"a", "b"}
    assert chosen_videos("abcd", results, ReportSettings(clips=0)) == {}
    assert set(chosen_videos("abcd", {}, settings).values()) == {"drawn by lot"}
