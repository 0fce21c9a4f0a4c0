import pyarrow.compute as pc
import pytest

from tests.report.made_up import LENGTH, write_frames, write_labelled, write_truth
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.report.split_files import SplitFiles, rows_where

SHARDS = {"one": ["b", "a"], "none": [], "two": ["c"]}


@pytest.fixture
def files(tmp_path):
    """Three shards, the second of them without videos."""
    frames, labels = [], []
    for name, videos in SHARDS.items():
        frames += write_frames(tmp_path / name, "test", videos)
        labels += write_labelled(tmp_path / name, videos)[1]
    return SplitFiles(frames, labels=labels, truth=write_truth(tmp_path, "truth", ["a", "b"]))


def test_videos_are_known_shard_by_shard(files):
    assert files.video_ids.to_pylist() == ["b", "a", "c"]
    assert [len(shard) for shard in files.video_ids.chunks] == [2, 0, 1]


@pytest.mark.parametrize(("video_id", "shard"), [("a", 0), ("b", 0), ("c", 2)])
def test_rows_are_read_from_the_one_table_that_holds_them(files, video_id, shard):
    elsewhere = [path if place == shard else "never opened" for place, path in enumerate(files.labels)]
    rows = files.rows(elsewhere, LABELS, video_id)
    assert len(rows) == 8
    assert set(rows["video_id"].to_pylist()) == {video_id}


def test_the_truth_of_a_video_is_its_row(files):
    assert [entry["object_id"] for entry in files.true_video("b")["objects"]] == ["2"]
    assert files.true_video("c") is None
    assert SplitFiles(files.frames).true_video("b") is None


def test_tables_of_some_shards_only_are_refused(files):
    with pytest.raises(UserError, match="2 labels tables stand beside 3 frames tables"):
        SplitFiles(files.frames, labels=files.labels[:2])


def test_every_video_has_its_number_of_frames(files):
    assert files.frame_counts.tolist() == [LENGTH] * 3
    assert SplitFiles([]).frame_counts.tolist() == []


def test_only_the_rows_and_columns_that_are_wanted_are_read(files):
    chosen = (pc.field("video_id") == "a") & pc.field("kept")
    rows = rows_where(files.labels[0], LABELS, ["mask_id", "frame_index"], chosen)
    assert rows.column_names == ["mask_id", "frame_index"]
    assert rows["frame_index"].to_pylist() == list(range(LENGTH))
    with pytest.raises(UserError, match="'labels'"):
        rows_where(files.labels[0], MASKS, ["mask_id"], chosen)
