from dataclasses import replace

import pyarrow as pa
import pytest

from tests.report.made_up import NAMES
from uvis_core.config.report import ReportSettings
from uvis_core.report.sections.clips import (
    ClipSource,
    chosen_videos,
    clip_anchors,
    clip_group,
    clip_groups,
    drawn_by_lot,
    facts,
    video_layers,
)
from uvis_core.report.sections.videos import Switch, VideoResult
from uvis_core.report.split_files import SplitFiles

SETTINGS = ReportSettings(clips=5, clip_height_px=64, max_clip_frames=2)
PLENTY = 1e9
FPS = 6.0
RESULTS = {
    "clip-test": VideoResult("clip-test", 1, 87.5, (Switch(1, "1", 1),)),
    "second-test": VideoResult("second-test", 1, 12.5, ()),
    "elsewhere": VideoResult("elsewhere", 1, 1.0, ()),
}


@pytest.fixture
def tracked(make_run):
    run = make_run()
    return ClipSource("Tracked", "clip", SplitFiles(run.frames, tracks=run.tracks, truth=run.truth), RESULTS)


@pytest.fixture
def labelled(make_run):
    run = make_run()
    return ClipSource("Labelled", "label", SplitFiles(run.train_frames, run.masks, run.labels), {})


def titles(layers):
    return [layer.title for layer in layers]


def videos(names):
    return pa.chunked_array([list(names)], type=pa.string())


def test_tracked_videos_show_truth_and_tracks(tracked):
    group = clip_group(tracked, NAMES, SETTINGS, PLENTY)
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
    group = clip_group(labelled, NAMES, SETTINGS, PLENTY)
    assert group.clips[0].clip.titles == ("Video", "Pseudo-labels")
    assert group.clips[0].counts == ("pseudo-labels: 4",)
    assert (group.clips[0].score, group.clips[0].switches, group.marked) == (None, None, False)


def test_groups_share_the_room_and_clips_with_results_have_places(tracked, labelled):
    groups = clip_groups([tracked, labelled], NAMES, SETTINGS)
    assert [group.title for group in groups] == ["Tracked", "Labelled"]
    assert clip_anchors(groups) == {"clip-test": "clip-0", "second-test": "clip-1"}
    weight_mb = sum(shown.clip.bytes for group in groups for shown in group.clips) / 1e6
    assert facts(groups) == {"clip_groups": groups, "clips_mb": weight_mb}
    one_mb = groups[0].clips[0].clip.bytes / 1e6
    halved = clip_groups(
        [tracked, labelled], NAMES, SETTINGS.model_copy(update={"clip_budget_mb": 2.4 * one_mb})
    )
    assert [len(group.clips) for group in halved] == [1, 1]


@pytest.mark.parametrize("truth", [None, "of other videos"])
def test_videos_without_truth_show_tracks_alone(make_run, tracked, truth):
    files = replace(tracked.files, truth=truth and make_run().train_truth)
    layers = video_layers("clip-test", files, RESULTS["clip-test"], NAMES, 0.3, FPS)
    assert titles(layers) == ["Video", "Tracks"]
    assert layers[-1].marks == ()


def test_the_same_videos_show_everything(make_run):
    run = make_run()
    files = SplitFiles(run.train_frames, run.masks, run.labels, run.tracks, run.train_truth)
    layers = video_layers("clip-train", files, None, NAMES, 0.3, FPS)
    assert titles(layers) == ["Video", "Truth", "Pseudo-labels", "Tracks"]
    assert layers[-1].objects == []


def test_clips_beyond_the_budget_are_left_out(tracked):
    one = clip_group(tracked, NAMES, ReportSettings(clips=1, clip_height_px=64), PLENTY)
    group = clip_group(tracked, NAMES, SETTINGS, one.clips[0].clip.bytes * 1.2)
    assert (len(group.clips), group.left_out) == (1, 1)


def test_no_clips_give_no_group(tracked):
    assert clip_group(tracked, NAMES, ReportSettings(clips=0), PLENTY) is None
    assert clip_group(tracked, NAMES, SETTINGS, 10) is None


@pytest.mark.parametrize(("fps", "frames"), [(FPS, [1, 2]), (2.0, [1]), (0.1, [1])])
def test_switches_are_marked_on_the_tracks_for_half_a_second(tracked, fps, frames):
    layers = video_layers("clip-test", tracked.files, RESULTS["clip-test"], NAMES, 0.3, fps)
    assert [len(layer.marks) for layer in layers] == [0, 0, 1]
    assert list(layers[-1].marks[0].tube.counts) == frames
    assert video_layers("second-test", tracked.files, RESULTS["second-test"], NAMES, 0.3, fps)[-1].marks == []


def test_videos_are_drawn_by_seed():
    names = [f"v{number}" for number in range(9)]
    drawn = drawn_by_lot(videos(names[::-1]), 3, seed=1)
    assert drawn == drawn_by_lot(pa.chunked_array([names[:4], names[4:]]), 3, seed=1) == sorted(drawn)
    assert len(set(drawn)) == 3
    assert any(drawn_by_lot(videos(names), 3, seed=seed) != drawn for seed in range(2, 6))
    assert drawn_by_lot(videos(names), 99, seed=0) == names
    assert drawn_by_lot(videos([]), 3, seed=0) == []


def test_videos_are_chosen_by_lot_and_by_how_they_went():
    results = {
        name: VideoResult(name, 1, score, ()) for name, score in zip("abcd", (40, 10, 90, 60), strict=True)
    }
    settings = ReportSettings(clips=1, extreme_clips=1)
    chosen = chosen_videos(videos("abcd"), results, settings)
    lot = next(iter(chosen))
    assert chosen[lot].startswith("drawn by lot")
    assert [name for name, why in chosen.items() if "worst" in why] == ["b"]
    assert [name for name, why in chosen.items() if "best" in why] == ["c"]
    # What the tables do not hold cannot be shown, however well it went.
    assert set(chosen_videos(videos("ab"), results, ReportSettings(clips=2))) == {"a", "b"}
    assert chosen_videos(videos("abcd"), results, ReportSettings(clips=0)) == {}
    assert set(chosen_videos(videos("abcd"), {}, settings).values()) == {"drawn by lot"}


def test_the_worst_video_has_room_first(tracked):
    # By lot both are chosen, by their names; the second is the worst.
    one = clip_group(tracked, NAMES, ReportSettings(clips=1, clip_height_px=64), PLENTY)
    settings = ReportSettings(clips=2, extreme_clips=1, clip_height_px=64)
    group = clip_group(tracked, NAMES, settings, one.clips[0].clip.bytes * 1.2)
    assert [shown.clip.video_id for shown in group.clips] == ["second-test"]
    assert group.left_out == 1
