import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.labels.made import HEIGHT, WIDTH, crops, frames, masks, similarities, typed
from uvis_core.config.labels import LabelsSettings
from uvis_core.io.errors import UserError
from uvis_core.io.rle import decode_masks
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.tables import write_table
from uvis_core.labels.merge import merge_labels
from uvis_core.labels.select import select_labels

NAMES = {4: "star", 7: "ring"}
Shards = dict[str, list[Path]]


def write_shard(
    folder: Path, video_id: str, length: int, mask_ids: list[int], at: list[int], objectness: list[float]
) -> None:
    classes = [(4, 7)[number % 2] for number in range(len(mask_ids))]
    found = masks(mask_ids, at, objectness, video_id)
    labels = select_labels(
        typed(found),
        typed(crops(mask_ids, at, classes, [0.8] * len(at), video_id)),
        typed(similarities(mask_ids, classes, [0.9] * len(at))),
        LabelsSettings(),
        {},
    )
    for schema, columns in ((FRAMES, frames(video_id, length)), (MASKS, found), (LABELS, labels)):
        write_table(folder / f"{schema.name}-{video_id}.parquet", schema, columns)


@pytest.fixture
def shards(tmp_path: Path) -> Shards:
    """Video b with two labels and one removed crop, video a with none."""
    write_shard(tmp_path, "b", 3, [5, 6, 8], [0, 2, 2], [0.9, 0.5, 0.75])
    write_shard(tmp_path, "a", 2, [], [], [])
    return {
        name: [tmp_path / f"{name}-{video}.parquet" for video in ("b", "a")]
        for name in ("labels", "masks", "frames")
    }


def merged(shards: Shards, folder: Path) -> dict[str, Any]:
    merge_labels(folder / "out.json", shards["labels"], shards["masks"], shards["frames"], NAMES)
    return json.loads((folder / "out.json").read_text())


def test_every_label_is_an_annotation_in_one_frame(shards: Shards, tmp_path: Path) -> None:
    content = merged(shards, tmp_path)
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
    info = merged(shards, tmp_path)["info"]
    assert info["counts"] == {"kept": 2, "objectness": 1, "class_score": 0, "similarity": 0, "area": 0}
    assert info["counts_per_class"]["ring"]["objectness"] == 1
    assert info["counts_per_class"]["star"]["kept"] == 2


def test_no_label_at_all_is_still_a_json(shards: Shards, tmp_path: Path) -> None:
    without = {name: paths[1:] for name, paths in shards.items()}
    content = merged(without, tmp_path)
    assert content["annotations"] == []
    assert len(content["videos"]) == 1


def test_equal_tables_give_equal_bytes(shards: Shards, tmp_path: Path) -> None:
    for name in ("one", "two"):
        merge_labels(tmp_path / name, shards["labels"], shards["masks"], shards["frames"], NAMES)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_file_names_are_relative_to_the_image_root(shards: Shards, tmp_path: Path) -> None:
    tables = shards["labels"], shards["masks"], shards["frames"]
    merge_labels(tmp_path / "out.json", *tables, NAMES, image_root="images/a")
    content = json.loads((tmp_path / "out.json").read_text())
    assert content["videos"][1]["file_names"][0] == "00000.jpg"
    assert content["videos"][0]["file_names"][0] == str(Path.cwd() / "images/b/00000.jpg")


def test_shards_in_another_order_are_refused(shards: Shards, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="2 masks of the labels"):
        merge_labels(tmp_path / "o.json", shards["labels"], shards["masks"][::-1], shards["frames"], NAMES)
    with pytest.raises(UserError, match="has a label in frame 0"):
        merge_labels(tmp_path / "o.json", shards["labels"], shards["masks"], shards["frames"][::-1], NAMES)
    with pytest.raises(UserError, match="2 labels tables, 1 masks tables"):
        merge_labels(tmp_path / "o.json", shards["labels"], shards["masks"][:1], shards["frames"], NAMES)
    assert not (tmp_path / "o.json").exists()


def test_classes_outside_the_vocabulary_are_refused(shards: Shards, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"classes \[7\]"):
        merge_labels(tmp_path / "o.json", shards["labels"], shards["masks"], shards["frames"], {4: "star"})
