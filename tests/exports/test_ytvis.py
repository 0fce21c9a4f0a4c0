import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.exports.made import NAMES, Shards, write_truth
from tests.labels.made import HEIGHT, WIDTH
from uvis_core.exports.labels import label_content
from uvis_core.exports.tracks import track_content
from uvis_core.exports.ytvis import write_labels, write_tracks
from uvis_core.io.errors import UserError
from uvis_core.io.rle import decode_masks
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.tables import read_table, write_table


def labels_json(shards: Shards, folder: Path, which: slice = slice(None), **more: Any) -> dict[str, Any]:
    tables = (shards.labels[which], shards.masks[which], shards.frames[which])
    write_labels(folder / "out.json", label_content(*tables, NAMES, **more))
    return json.loads((folder / "out.json").read_text())


def tracks_json(
    shards: Shards, folder: Path, which: slice = slice(None), **more: Any
) -> list[dict[str, Any]]:
    write_tracks(
        folder / "out.json", track_content(shards.tracks[which], shards.frames[which], NAMES, **more)
    )
    return json.loads((folder / "out.json").read_text())


def test_every_label_is_an_annotation_in_one_frame(shards: Shards, tmp_path: Path) -> None:
    content = labels_json(shards, tmp_path)
    assert content["categories"] == [
        {"id": 4, "name": "star", "supercategory": "object"},
        {"id": 7, "name": "ring", "supercategory": "object"},
    ]
    assert [(video["id"], video["name"], video["length"]) for video in content["videos"]] == [
        (2, "b", 3),
        (1, "a", 2),
    ]
    assert content["videos"][1]["file_names"] == ["images/a/00000.jpg", "images/a/00001.jpg"]
    assert (content["videos"][0]["height"], content["videos"][0]["width"]) == (HEIGHT, WIDTH)
    one, two = content["annotations"]
    assert (one["id"], one["video_id"], one["category_id"], one["iscrowd"], one["mask_id"]) == (1, 2, 4, 0, 5)
    assert (two["id"], two["video_id"], two["category_id"], two["mask_id"]) == (2, 2, 4, 8)
    assert (one["video_name"], one["category_name"]) == ("b", "star")
    assert [value is None for value in one["segmentations"]] == [False, True, True]
    assert [value is None for value in two["segmentations"]] == [True, True, False]
    assert one["areas"] == [3, None, None]
    assert one["bboxes"] == [[0, 1, 1, 3], None, None]
    assert two["bboxes"] == [None, None, [0, 1, 3, 3]]
    assert one["score"] == pytest.approx(0.72)
    segmentation = two["segmentations"][2]
    assert segmentation["size"] == [HEIGHT, WIDTH]
    decoded = decode_masks([segmentation["counts"]], HEIGHT, WIDTH)[0]
    np.testing.assert_array_equal(np.nonzero(decoded.any(axis=0))[0], [0, 1, 2])


def test_counts_say_what_removed_how_many(shards: Shards, tmp_path: Path) -> None:
    info = labels_json(shards, tmp_path)["info"]
    assert info["counts"] == {"kept": 2, "objectness": 1, "class_score": 0, "similarity": 0, "area": 0}
    assert info["counts_per_class"]["ring"]["objectness"] == 1
    assert info["counts_per_class"]["star"]["kept"] == 2


def test_verdicts_by_hand_are_counted_where_there_are_any(shards: Shards, tmp_path: Path) -> None:
    labels = read_table(shards.labels[0], LABELS)
    columns = {name: labels[name].to_pylist() for name in labels.column_names}
    columns |= {"kept": [True, True, False], "reason": ["kept", "accepted by hand", "rejected by hand"]}
    write_table(shards.labels[0], LABELS, columns)
    content = labels_json(shards, tmp_path)
    counts = content["info"]["counts"]
    assert (counts["kept"], counts["accepted by hand"], counts["rejected by hand"]) == (1, 1, 1)
    assert [label["mask_id"] for label in content["annotations"]] == [5, 6]


def test_every_track_is_a_result(shards: Shards, tmp_path: Path) -> None:
    first, second = tracks_json(shards, tmp_path)
    assert [value is not None for value in first.pop("segmentations")] == [True, False, True]
    assert first == {
        "video_id": 2,
        "video_name": "b",
        "category_id": 7,
        "category_name": "ring",
        "score": 0.75,
    }
    assert (second["category_name"], second["score"]) == ("star", 0.5)
    assert [value is not None for value in second["segmentations"]] == [False, True, False]
    assert second["segmentations"][1]["size"] == [HEIGHT, WIDTH]
    assert decode_masks([second["segmentations"][1]["counts"]], HEIGHT, WIDTH).all()


def test_nothing_at_all_is_still_a_json(shards: Shards, tmp_path: Path) -> None:
    content = labels_json(shards, tmp_path, slice(1, None))
    assert content["annotations"] == []
    assert len(content["videos"]) == 1
    assert tracks_json(shards, tmp_path, slice(1, None)) == []


def test_videos_have_the_numbers_of_the_truth(shards: Shards, tmp_path: Path) -> None:
    numbers = {"unseen": 1, "a": 12, "b": 31}
    truth = write_truth(tmp_path / "truth.parquet", numbers, {"unseen": 9, "a": 2, "b": 3})
    content = labels_json(shards, tmp_path, truth=truth)
    assert [(video["name"], video["id"]) for video in content["videos"]] == [("b", 31), ("a", 12)]
    assert {annotation["video_id"] for annotation in content["annotations"]} == {31}
    assert {result["video_id"] for result in tracks_json(shards, tmp_path, truth=truth)} == {31}


def test_equal_tables_give_equal_bytes(shards: Shards, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        labels_json(shards, tmp_path / name)
    assert (tmp_path / "one" / "out.json").read_bytes() == (tmp_path / "two" / "out.json").read_bytes()


def test_file_names_are_relative_to_the_image_root(shards: Shards, tmp_path: Path) -> None:
    content = labels_json(shards, tmp_path, image_root="images/a")
    assert content["videos"][1]["file_names"][0] == "00000.jpg"
    assert content["videos"][0]["file_names"][0] == str(Path.cwd() / "images/b/00000.jpg")


def test_what_fails_leaves_no_file(shards: Shards, tmp_path: Path) -> None:
    content = track_content(shards.tracks, shards.frames[::-1], NAMES)
    with pytest.raises(UserError):
        write_tracks(tmp_path / "o.json", content)
    assert not (tmp_path / "o.json").exists()
