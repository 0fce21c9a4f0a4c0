import pytest

from tests.report.made_up import write_frames, write_labelled, write_truth
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.labels import LABELS
from uvis_core.report.split_files import SplitFiles

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
