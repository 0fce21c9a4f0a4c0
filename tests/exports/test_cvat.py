"""The reader here is ours; foreign ones read the same files in test_foreign.py."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from tests.exports.world import (
    EMPTY,
    FRAMES_OF,
    HEIGHT,
    NAMES,
    TRUE_LABELS,
    TRUE_TRACKS,
    VIDEO,
    WIDTH,
    World,
    iou,
)
from uvis_core.exports import cvat
from uvis_core.io.annotations.cvat import read_cvat
from uvis_core.io.cvat_xml import read_shapes, read_task
from uvis_core.io.errors import UserError
from uvis_core.io.rle import decode_masks

IDS = {name: number for number, name in NAMES.items()}


def test_labels_are_masks_of_images_and_come_back_exactly(world: World, tmp_path: Path) -> None:
    cvat.write(tmp_path, world.content("labels"))
    path = tmp_path / f"{VIDEO}.xml"
    task = read_task(path)
    assert (task.name, task.frames, task.size_px) == (VIDEO, FRAMES_OF[VIDEO], (HEIGHT, WIDTH))
    found = {int(shape.attributes["mask_id"]): shape for shape in read_shapes(path, task)}
    assert set(found) == set(TRUE_LABELS)
    for mask_id, (frame, class_id, mask) in TRUE_LABELS.items():
        shape = found[mask_id]
        assert (shape.frame, shape.label, shape.track) == (frame, NAMES[class_id], None)
        assert shape.attributes["score"] == "0.72"
        np.testing.assert_array_equal(decode_masks([shape.counts], HEIGHT, WIDTH)[0], mask)
    assert list(read_shapes(tmp_path / f"{EMPTY}.xml", read_task(tmp_path / f"{EMPTY}.xml"))) == []


def test_tracks_are_polygons_with_keyframes_that_end_where_the_object_goes(
    world: World, tmp_path: Path
) -> None:
    cvat.write(tmp_path, world.content("tracks"))
    root = ET.parse(tmp_path / f"{VIDEO}.xml").getroot()
    first, second = root.findall("track")
    shown = [
        [(int(shape.get("frame", "")), shape.get("outside"), shape.get("keyframe")) for shape in track]
        for track in (first, second)
    ]
    assert shown[0] == [(1, "0", "1"), (2, "0", "1"), (3, "1", "1")]
    assert shown[1] == [(0, "0", "1"), (1, "0", "1"), (2, "1", "1"), (3, "0", "1")]
    assert [track.get("label") for track in (first, second)] == [NAMES[5], NAMES[2]]
    assert {one.get("name"): one.text for one in second[0]} == {"track": "11", "score": "0.75"}


def test_tracks_are_read_as_truth(world: World, tmp_path: Path) -> None:
    cvat.write(tmp_path, world.content("tracks"))
    annotations = read_cvat(tmp_path, IDS)
    assert annotations.class_names == NAMES
    assert {name: video.frames for name, video in annotations.by_name.items()} == FRAMES_OF
    truth = annotations.read(VIDEO)
    assert [found.class_id for found in truth.objects] == [5, 2]
    for tube, (_, _, masks) in zip(truth.tubes, TRUE_TRACKS.values(), strict=True):
        assert sorted(tube.counts) == sorted(masks)
        for frame, mask in masks.items():
            # Polygons are a little simpler than masks, so that a hand can move their points.
            assert iou(decode_masks([tube.counts[frame]], HEIGHT, WIDTH)[0], mask) > 0.9
    assert annotations.read(EMPTY).objects == []


def test_without_a_vocabulary_classes_are_counted(world: World, tmp_path: Path) -> None:
    cvat.write(tmp_path, world.content("tracks"))
    annotations = read_cvat(tmp_path / f"{VIDEO}.xml")
    assert annotations.class_names == {1: "cross", 2: "star & <ring>"}
    assert [found.class_id for found in annotations.read(VIDEO).objects] == [1, 2]
    with pytest.raises(UserError, match=r"class 'cross', which is not among star"):
        read_cvat(tmp_path, {NAMES[2]: 2}).read(VIDEO)


def test_cvats_label_constructor_gets_classes_and_attributes(world: World, tmp_path: Path) -> None:
    cvat.write(tmp_path, world.content("labels"))
    first, second = json.loads((tmp_path / "labels.json").read_text())
    assert (first["name"], first["type"], second["name"]) == (NAMES[2], "mask", NAMES[5])
    assert [one["name"] for one in first["attributes"]] == ["mask_id", "score"]
