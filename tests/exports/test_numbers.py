from pathlib import Path

import pytest

from tests.exports.made import Shards, write_truth
from uvis_core.exports.numbers import number_videos, video_lengths
from uvis_core.frames.plan_file import update_plan
from uvis_core.frames.sources import VideoEntry
from uvis_core.io.errors import UserError


def test_videos_are_counted_by_name(shards: Shards) -> None:
    lengths = video_lengths(shards.frames)
    assert list(lengths.items()) == [("a", 2), ("b", 3)]
    assert number_videos(lengths, None) == {"a": 1, "b": 2}


def test_the_truth_numbers_them_where_there_is_one(tmp_path: Path) -> None:
    truth = write_truth(tmp_path / "truth.parquet", {"a": 7, "b": 3, "c": 5}, {"a": 2, "b": 9, "c": 1})
    assert number_videos({"a": 2, "b": 3}, truth) == {"a": 7, "b": 3}
    with pytest.raises(UserError, match="video 'b' has 9 frames, but 3"):
        number_videos({"a": 2, "b": 3}, truth, same_lengths=True)
    with pytest.raises(UserError, match=r"lacks 2 of the videos, such as \['x', 'y'\]"):
        number_videos({"a": 2, "x": 1, "y": 1}, truth)


def test_without_truth_videos_keep_the_numbers_of_the_json_that_lists_them(tmp_path: Path) -> None:
    listed = [
        VideoEntry("a", "images", "r", ("a/0.jpg",), number=9),
        VideoEntry("b", "images", "r", number=4),
    ]
    update_plan(tmp_path / "listed.parquet", listed, 2)
    assert number_videos({"a": 2, "b": 3}, None, tmp_path / "listed.parquet") == {"a": 9, "b": 4}
    files = [VideoEntry("a", "video", "a.mp4"), VideoEntry("b", "video", "b.mp4")]
    update_plan(tmp_path / "files.parquet", files, 2)
    assert number_videos({"a": 2, "b": 3}, None, tmp_path / "files.parquet") == {"a": 1, "b": 2}
