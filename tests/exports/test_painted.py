"""Formats in which a pixel has one owner: davis and mots."""

import csv
from pathlib import Path

import numpy as np
from PIL import Image
from pycocotools import mask as coco

from tests.exports.world import EMPTY, FRAMES_OF, HEIGHT, NAMES, VIDEO, WIDTH, World, parts, ring
from uvis_core.exports import davis, mots
from uvis_core.exports.content import ExportedObject
from uvis_core.exports.painting import number_objects
from uvis_core.io.annotations.davis import read_davis


def test_a_davis_image_holds_the_numbers_of_its_objects(world: World, tmp_path: Path) -> None:
    davis.write(tmp_path, world.content("tracks"))
    with Image.open(tmp_path / "Annotations" / VIDEO / "00001.png") as image:
        numbers = np.asarray(image)
        assert image.mode == "P"
        assert image.getpalette()[:12] == [0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0]
    # The ring has the higher score and lies above.
    np.testing.assert_array_equal(numbers == 2, ring(16))
    np.testing.assert_array_equal(numbers == 1, parts() & ~ring(16))
    with Image.open(tmp_path / "Annotations" / EMPTY / "00000.png") as image:
        assert not np.asarray(image).any()
    with (tmp_path / "objects.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["video"], row["number"], row["track"], row["class"]) for row in rows] == [
        (VIDEO, "1", "3", NAMES[5]),
        (VIDEO, "2", "11", NAMES[2]),
    ]


def test_davis_is_read_as_truth(world: World, tmp_path: Path) -> None:
    davis.write(tmp_path, world.content("tracks"))
    annotations = read_davis(tmp_path / "Annotations")
    assert {name: video.frames for name, video in annotations.by_name.items()} == FRAMES_OF
    first, second = annotations.read(VIDEO).tubes
    assert (sorted(first.counts), sorted(second.counts)) == ([1, 2], [0, 1, 3])


def test_a_line_of_mots_is_an_object_without_overlap(world: World, tmp_path: Path) -> None:
    mots.write(tmp_path, world.content("tracks"))
    lines = (tmp_path / "instances_txt" / f"{VIDEO}.txt").read_text().splitlines()
    found = {}
    for frame, number, class_id, height, width, counts in (line.split(" ") for line in lines):
        assert (int(height), int(width)) == (HEIGHT, WIDTH)
        mask = coco.decode({"size": [HEIGHT, WIDTH], "counts": counts.encode()}).astype(bool)
        found[int(frame), int(number), int(class_id)] = mask
    # Classes count from 1 in the order of the vocabulary: the cross is the second one.
    assert set(found) == {(0, 1002, 1), (1, 1002, 1), (1, 2001, 2), (2, 2001, 2), (3, 1002, 1)}
    np.testing.assert_array_equal(found[1, 2001, 2], parts() & ~ring(16))
    np.testing.assert_array_equal(found[2, 2001, 2], parts())
    with Image.open(tmp_path / "instances" / VIDEO / "000001.png") as image:
        pixels = np.asarray(image)
    assert pixels.max() == 2001
    np.testing.assert_array_equal(pixels == 1002, ring(16))
    assert (tmp_path / "instances_txt" / f"{EMPTY}.txt").read_text() == ""
    assert (tmp_path / "instances" / "labels.txt").read_text() == f"{NAMES[2]}\n{NAMES[5]}\n"


def test_of_too_many_objects_those_of_the_lowest_scores_are_left_out(world: World) -> None:
    (video, _) = world.content("tracks").videos()
    objects = [
        ExportedObject(number, 2, score, (HEIGHT, WIDTH), {}, {})
        for number, score in ((7, 0.1), (3, 0.9), (5, 0.5))
    ]
    assert number_objects(video, objects, 2) == {3: 1, 5: 2}
    assert number_objects(video, objects, 3) == {7: 1, 3: 2, 5: 3}
