import json

import numpy as np
import pytest
import torch

from tests.tracks.conftest import HEIGHT, WIDTH, write_frames
from uvis_core.config.tracks import TracksSettings
from uvis_core.io.errors import UserError
from uvis_core.io.rle import encode_masks
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.tables import read_table, write_table
from uvis_core.tracks.columns import empty_columns
from uvis_core.tracks.inference import VideoTracks
from uvis_core.tracks.merge import merge_tracks
from uvis_core.tracks.track import add_tracks, track_shard
from uvis_core.tracks.videos import VideoFrames, list_frames

CPU = torch.device("cpu")
SETTINGS = TracksSettings(short_side_px=32, predictions=3)


@pytest.fixture(scope="module")
def columns(frames, checkpoint):
    return track_shard(read_table(frames, FRAMES), checkpoint, SETTINGS, device=CPU, window=2, workers=0)


def test_rows_name_video_track_class_and_frame(columns):
    rows = list(zip(columns["video_id"], columns["track_id"], columns["frame_index"], strict=True))
    assert rows == sorted(rows)
    assert set(columns["video_id"]) == {"a", "b"}
    assert set(columns["track_id"]) <= {0, 1, 2}
    assert set(columns["class_id"]) <= {3, 8}
    assert set(columns["frame_index"]) <= {0, 2, 4, 6, 8}
    assert set(columns["height_px"]) == {HEIGHT}


def test_window_and_workers_change_nothing(frames, checkpoint, columns):
    again = track_shard(read_table(frames, FRAMES), checkpoint, SETTINGS, device=CPU, window=4, workers=1)
    assert again["rle_counts"] == columns["rle_counts"]
    assert again["score"] == pytest.approx(columns["score"], abs=1e-5)


def test_videos_are_tracked_apart(tmp_path, frames, checkpoint, columns):
    table = read_table(frames, FRAMES, video_id="b")
    alone = track_shard(table, checkpoint, SETTINGS, device=CPU, window=2, workers=0)
    start = columns["video_id"].index("b")
    assert alone["rle_counts"] == columns["rle_counts"][start:]


def test_frames_without_pixels_have_no_row():
    video = VideoFrames("v", (0, 3), ("x", "y"), (2, 2))
    empty, full = encode_masks(np.array([np.zeros((2, 2)), np.ones((2, 2))], dtype=bool))
    columns = empty_columns()
    add_tracks(
        columns,
        video,
        VideoTracks(np.array([1, 0]), np.array([0.9, 0.4]), [[empty, full], [empty, empty]]),
        (5, 6),
    )
    assert columns["frame_index"] == [3]
    assert (columns["class_id"], columns["score"]) == ([6], [0.9])


def test_frames_of_two_sizes_are_refused(tmp_path):
    first = read_table(write_frames(tmp_path / "one", {"v": 1}), FRAMES).to_pydict()
    second = read_table(write_frames(tmp_path / "two", {"v": 1}, size=(8, 8)), FRAMES).to_pydict()
    write_table(tmp_path / "both.parquet", FRAMES, {name: first[name] + second[name] for name in first})
    with pytest.raises(UserError, match="video v: its frames have 2 sizes"):
        list_frames(read_table(tmp_path / "both.parquet", FRAMES))


@pytest.mark.parametrize("workers", [0, 1])
def test_missing_frame_is_named(tmp_path, checkpoint, workers):
    path = write_frames(tmp_path, {"v": 3})
    (tmp_path / "v" / "1.png").unlink()
    with pytest.raises(UserError, match=r"v/1\.png: the frame is missing"):
        track_shard(read_table(path, FRAMES), checkpoint, SETTINGS, device=CPU, window=2, workers=workers)


@pytest.fixture
def tables(tmp_path, frames, columns):
    write_table(tmp_path / "tracks.parquet", TRACKS, columns)
    return [tmp_path / "tracks.parquet"], [frames]


def truth(tmp_path, lengths):
    videos = [
        {"id": number, "name": name, "file_names": [f"{name}/{frame}.jpg" for frame in range(length)]}
        for number, (name, length) in enumerate(lengths.items(), start=11)
    ]
    path = tmp_path / "truth.json"
    path.write_text(json.dumps({"videos": videos}))
    return path


def test_results_are_numbered_by_the_truth(tmp_path, tables, columns):
    count = merge_tracks(tmp_path / "results.json", *tables, truth(tmp_path, {"b": 5, "a": 3, "unseen": 9}))
    results = json.loads((tmp_path / "results.json").read_text())
    assert len(results) == count == len(set(zip(columns["video_id"], columns["track_id"], strict=True)))
    assert {(result["video_id"], len(result["segmentations"])) for result in results} == {(11, 5), (12, 3)}
    first = results[0]
    seen = next(index for index, mask in enumerate(first["segmentations"]) if mask)
    assert first["segmentations"][seen] == {"size": [HEIGHT, WIDTH], "counts": columns["rle_counts"][0]}
    assert columns["frame_index"][0] == 2 * seen


def test_results_without_truth_are_numbered_by_name(tmp_path, tables):
    merge_tracks(tmp_path / "results.json", *tables)
    results = json.loads((tmp_path / "results.json").read_text())
    assert {(result["video_id"], len(result["segmentations"])) for result in results} == {(1, 3), (2, 5)}


def test_no_tracks_are_an_empty_list(tmp_path, frames):
    write_table(tmp_path / "none.parquet", TRACKS, empty_columns())
    assert merge_tracks(tmp_path / "results.json", [tmp_path / "none.parquet"], [frames]) == 0
    assert json.loads((tmp_path / "results.json").read_text()) == []


@pytest.mark.parametrize(
    ("lengths", "message"),
    [({"b": 5}, r"lacks 1 of the tracked videos.*'a'"), ({"a": 3, "b": 4}, "has 4 frames, but 5")],
)
def test_truth_of_other_videos_is_refused(tmp_path, tables, lengths, message):
    with pytest.raises(UserError, match=message):
        merge_tracks(tmp_path / "results.json", *tables, truth(tmp_path, lengths))


def test_shards_must_be_paired(tmp_path, tables):
    other = write_frames(tmp_path / "other", {"z": 1})
    with pytest.raises(UserError, match="its table of frames does not list"):
        merge_tracks(tmp_path / "results.json", tables[0], [other])
    with pytest.raises(UserError, match="1 tables of tracks and 0 of frames"):
        merge_tracks(tmp_path / "results.json", tables[0], [])
