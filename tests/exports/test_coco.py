import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import supervision as sv
from pycocotools.coco import COCO

from tests.exports.made import NAMES, Shards
from tests.exports.world import EMPTY, FRAMES_OF, VIDEO, World, ring
from tests.exports.world import NAMES as world_names
from tests.labels.made import HEIGHT, WIDTH
from uvis_core.exports import coco
from uvis_core.exports.labels import label_content
from uvis_core.exports.tracks import track_content


def opened(path: Path) -> COCO:
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(path))


@pytest.fixture
def tracks(shards: Shards, tmp_path: Path) -> COCO:
    coco.write(tmp_path, track_content(shards.tracks, shards.frames, NAMES))
    return opened(tmp_path / "instances.json")


def of_image(content: COCO, video: int, frame: int) -> list[dict[str, Any]]:
    (image,) = [
        image
        for image in content.dataset["images"]
        if (image["video_id"], image["frame_index"]) == (video, frame)
    ]
    return content.loadAnns(content.getAnnIds(imgIds=image["id"]))


def test_pycocotools_reads_every_frame_of_a_track(tracks: COCO) -> None:
    assert [tracks.cats[number]["name"] for number in tracks.getCatIds()] == ["star", "ring"]
    assert len(tracks.imgs) == 5
    assert {video["name"]: video["id"] for video in tracks.dataset["videos"]} == {"a": 1, "b": 2}
    (first,), (second,), (third,) = (of_image(tracks, 2, frame) for frame in range(3))
    assert (first["track_id"], second["track_id"], third["track_id"]) == (1, 2, 1)
    assert (first["track"], second["track"], third["track"]) == (0, 1, 0)
    assert (first["category_id"], first["score"], second["score"]) == (7, 0.75, 0.5)
    np.testing.assert_array_equal(tracks.annToMask(first), np.eye(HEIGHT, WIDTH, dtype=np.uint8))
    assert tracks.annToMask(third).all()
    assert (third["area"], third["bbox"]) == (HEIGHT * WIDTH, [0, 0, WIDTH, HEIGHT])
    assert of_image(tracks, 1, 0) == []


def test_labels_have_their_scores_and_mask_ids(shards: Shards, tmp_path: Path) -> None:
    coco.write(tmp_path, label_content(shards.labels, shards.masks, shards.frames, NAMES))
    content = opened(tmp_path / "instances.json")
    ((label,), (other,)) = (of_image(content, 2, frame) for frame in (0, 2))
    assert (label["mask_id"], other["mask_id"]) == (5, 8)
    assert (label["objectness"], label["class_score"], label["similarity"]) == (0.9, 0.8, 0.9)
    assert "track" not in label


def test_supervision_reads_copies_and_masks_with_holes(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    coco.write(folder, world.content("tracks", copy_images=True))
    dataset = sv.DetectionDataset.from_coco(
        str(folder / "images"), str(folder / "instances.json"), force_masks=True
    )
    assert dataset.classes == list(world_names.values())
    seen = {Path(path).relative_to(folder / "images").as_posix(): found for path, _, found in dataset}
    assert set(seen) == {
        f"{name}/{frame:05d}.png" for name, count in FRAMES_OF.items() for frame in range(count)
    }
    (found,) = seen[f"{VIDEO}/00003.png"].mask
    np.testing.assert_array_equal(found, ring(20))
    assert len(seen[f"{VIDEO}/00001.png"]) == 2
    assert len(seen[f"{EMPTY}/00000.png"]) == 0


def test_scores_below_the_least_one_are_left_out(world: World, tmp_path: Path) -> None:
    coco.write(tmp_path, world.content("tracks", min_score=0.6))
    content = opened(tmp_path / "instances.json")
    assert {(found["track_id"], found["track"]) for found in content.anns.values()} == {(1, 11)}


def test_without_copies_images_are_named_where_they_lie(shards: Shards, tmp_path: Path) -> None:
    coco.write(tmp_path, track_content(shards.tracks, shards.frames, NAMES))
    images = json.loads((tmp_path / "instances.json").read_text())["images"]
    assert images[0]["file_name"] == "images/b/00000.jpg"
    assert not (tmp_path / "images").exists()
