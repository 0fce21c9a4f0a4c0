from pathlib import Path

import pytest

from tests.exports.made import NAMES, Shards, write_truth
from uvis_core.exports.tracks import track_content
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.tables import read_table, write_table


def test_a_track_is_an_object_with_the_masks_of_its_frames(shards: Shards) -> None:
    ((video, (first, second)),) = track_content(shards.tracks, shards.frames, NAMES).videos_with_objects()
    assert (video.name, video.frame_indices) == ("b", (0, 1, 2))
    assert (first.object_id, first.class_id, first.score, list(first.masks)) == (0, 7, 0.75, [0, 2])
    assert (second.object_id, list(second.masks), second.scores) == (1, [1], {})


def test_the_order_of_rows_does_not_matter(shards: Shards, tmp_path: Path) -> None:
    turned = read_table(shards.tracks[0], TRACKS).take([2, 1, 0])
    write_table(tmp_path / "turned.parquet", TRACKS, {name: turned[name] for name in turned.column_names})
    before, after = (
        list(track_content([path], shards.frames[:1], NAMES).videos_with_objects())
        for path in (shards.tracks[0], tmp_path / "turned.parquet")
    )
    assert before == after


def test_shards_must_be_paired(shards: Shards) -> None:
    with pytest.raises(UserError, match="2 tables of tracks and 1 of frames"):
        track_content(shards.tracks, shards.frames[:1], NAMES)
    content = track_content(shards.tracks, shards.frames[::-1], NAMES)
    with pytest.raises(UserError, match=r"tracks-b\.parquet: holds video 'b', which .*frames-a"):
        list(content.videos_with_objects())


def test_classes_outside_the_vocabulary_are_refused(shards: Shards) -> None:
    with pytest.raises(UserError, match=r"tracks of classes \[7\]"):
        list(track_content(shards.tracks, shards.frames, {4: "star"}).videos_with_objects())


def test_lengths_must_be_those_of_the_truth(shards: Shards, tmp_path: Path) -> None:
    truth = write_truth(tmp_path / "truth.parquet", {"a": 1, "b": 2}, {"a": 2, "b": 4})
    with pytest.raises(UserError, match="video 'b' has 4 frames, but 3 were tracked"):
        track_content(shards.tracks, shards.frames, NAMES, truth)
