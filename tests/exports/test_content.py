from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from tests.exports.made import NAMES, Shards
from tests.labels.made import frames
from uvis_core.exports.content import by_video
from uvis_core.exports.tracks import track_content
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.tables import write_table


def test_rows_keep_their_order_within_a_video() -> None:
    table = pa.table({"video_id": ["b", "a", "b", "a", "b"], "row": [9, 1, 7, 2, 8]})
    assert [(name, rows["row"].to_pylist()) for name, rows in by_video(table)] == [
        ("a", [1, 2]),
        ("b", [9, 7, 8]),
    ]
    assert list(by_video(table.slice(0, 0))) == []


def test_frames_are_sorted_and_masks_stand_at_their_places(shards: Shards, tmp_path: Path) -> None:
    """A table may count frames in another way than by one: a mask's place is that of its frame among them."""
    columns = frames("b", 4)
    columns = {name: value[::-1] for name, value in columns.items()}
    columns["frame_index"] = [4, 2, 1, 0]
    write_table(tmp_path / "own.parquet", FRAMES, columns)
    content = track_content(shards.tracks[:1], [tmp_path / "own.parquet"], NAMES)
    (video,) = content.videos()
    assert video.frame_indices == (0, 1, 2, 4)
    assert video.paths[0].endswith("00000.jpg")
    ((_, (first, second)),) = content.videos_with_objects()
    assert (list(first.masks), list(second.masks)) == ([0, 2], [1])


def test_a_mask_in_an_unknown_frame_is_refused(shards: Shards, tmp_path: Path) -> None:
    write_table(tmp_path / "short.parquet", FRAMES, frames("b", 2))
    content = track_content(shards.tracks[:1], shards.frames[:1], NAMES)
    short = replace(content, frames=[tmp_path / "short.parquet"])
    with pytest.raises(UserError, match=r"video 'b' has a mask in frame 2, .*among the 2 frames"):
        list(short.videos_with_objects())
