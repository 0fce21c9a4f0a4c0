from pathlib import Path

import numpy as np
import pytest
import supervision as sv
import yaml

from tests.exports.world import EMPTY, NAMES, VIDEO, World, iou, parts, ring
from uvis_core.exports import yolo


def opened(folder: Path, name: str) -> dict[str, sv.Detections]:
    dataset = sv.DetectionDataset.from_yolo(
        str(folder / "images" / name),
        str(folder / "labels" / name),
        str(folder / "data.yaml"),
        force_masks=True,
    )
    assert dataset.classes == list(NAMES.values())
    return {Path(path).stem: found for path, _, found in dataset}


@pytest.mark.parametrize("copies", [False, True])
def test_supervision_reads_masks_with_holes_and_parts(world: World, tmp_path: Path, copies: bool) -> None:
    yolo.write(tmp_path, world.content("tracks", copy_images=copies))
    frames = opened(tmp_path, VIDEO)
    assert sorted(frames) == ["00000", "00001", "00002", "00003"]
    np.testing.assert_array_equal(frames["00003"].mask[0], ring(20))
    assert frames["00001"].class_id.tolist() == [1, 0]
    # A line joins both parts.
    assert iou(frames["00002"].mask[0], parts()) > 0.9
    assert all(len(found) == 0 for found in opened(tmp_path, EMPTY).values())
    image = tmp_path / "images" / VIDEO / "00000.png"
    assert image.is_symlink() != copies
    assert image.read_bytes() == (world.images / VIDEO / "00000.png").read_bytes()


def test_labels_are_polygons_too(world: World, tmp_path: Path) -> None:
    yolo.write(tmp_path, world.content("labels"))
    frames = opened(tmp_path, VIDEO)
    assert [len(frames[name]) for name in sorted(frames)] == [1, 2, 0, 0]


def test_data_yaml_names_images_and_classes(world: World, tmp_path: Path) -> None:
    yolo.write(tmp_path, world.content("tracks"))
    about = yaml.safe_load((tmp_path / "data.yaml").read_text(encoding="utf-8"))
    assert about == {"train": "images", "val": "images", "names": {0: NAMES[2], 1: NAMES[5]}}
    for line in (tmp_path / "labels" / VIDEO / "00001.txt").read_text().splitlines():
        shares = [float(text) for text in line.split()[1:]]
        assert len(shares) % 2 == 0
        assert all(0 <= share < 1 for share in shares)
