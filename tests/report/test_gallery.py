import pytest

from tests.report.made_up import NAMES
from uvis_core.config.report import ReportSettings
from uvis_core.io.atomic import read_json
from uvis_core.report.gallery import SplitFiles, clip_group, rows_of, video_layers

SETTINGS = ReportSettings(clips=5, clip_height_px=64, max_clip_frames=2)
PLENTY = 1e9


@pytest.fixture
def tracked(make_run):
    run = make_run()
    return SplitFiles(run.frames, tracks=run.tracks, truth=read_json(run.truth), scores={1: 87.5})


@pytest.fixture
def labelled(make_run):
    run = make_run()
    return SplitFiles(run.train_frames, run.masks, run.labels)


def titles(layers):
    return [layer.title for layer in layers]


def test_tracked_videos_show_truth_and_tracks(tracked):
    group = clip_group("Tracked", tracked, NAMES, SETTINGS, PLENTY)
    assert [shown.clip.video_id for shown in group.clips] == ["clip-test", "second-test"]
    assert [shown.score for shown in group.clips] == [87.5, None]
    assert group.clips[0].clip.titles == ("Video", "Truth", "Tracks")
    assert group.clips[0].counts == ("objects in truth: 1", "tracks drawn: 1")
    assert "below 0.3" in group.caption


def test_labelled_videos_show_labels(labelled):
    group = clip_group("Labelled", labelled, NAMES, SETTINGS, PLENTY)
    assert group.clips[0].clip.titles == ("Video", "Pseudo-labels")
    assert group.clips[0].counts == ("pseudo-labels: 4",)


@pytest.mark.parametrize(
    "truth", [None, {"videos": [], "annotations": []}, {"videos": [], "annotations": None}]
)
def test_videos_without_truth_show_tracks_alone(tracked, truth):
    files = SplitFiles(tracked.frames, tracks=tracked.tracks, truth=truth)
    assert titles(video_layers("clip-test", files, NAMES, 0.3)) == ["Video", "Tracks"]


def test_the_same_videos_show_everything(make_run):
    run = make_run()
    files = SplitFiles(run.train_frames, run.masks, run.labels, run.tracks, read_json(run.train_truth))
    layers = video_layers("clip-train", files, NAMES, 0.3)
    assert titles(layers) == ["Video", "Truth", "Pseudo-labels", "Tracks"]
    assert layers[-1].tubes == []


def test_clips_beyond_the_budget_are_left_out(tracked):
    one = clip_group("Tracked", tracked, NAMES, ReportSettings(clips=1, clip_height_px=64), PLENTY)
    group = clip_group("Tracked", tracked, NAMES, SETTINGS, one.clips[0].clip.bytes * 1.2)
    assert (len(group.clips), group.left_out) == (1, 1)


def test_no_clips_give_no_group(tracked):
    assert clip_group("Tracked", tracked, NAMES, ReportSettings(clips=0), PLENTY) is None
    assert clip_group("Tracked", tracked, NAMES, SETTINGS, 10) is None


def test_rows_come_from_whichever_table_holds_them(labelled):
    rows = rows_of([*labelled.labels, *labelled.labels], "labels", "clip-train")
    assert len(rows) == 16
    assert set(rows["video_id"].to_pylist()) == {"clip-train"}
