import numpy as np
import pytest
import torch

from tests.tracks.conftest import HEIGHT, write_frames
from uvis_core.config.tracks import TracksSettings
from uvis_core.io.errors import UserError
from uvis_core.io.rle import encode_masks
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.tables import read_table, write_table
from uvis_core.tracks.columns import empty_columns
from uvis_core.tracks.inference import VideoTracks
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
