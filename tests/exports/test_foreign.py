"""Exports opened by other projects' readers that are too heavy for our environment: `make test-formats`."""

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.exports.world import (
    FRAMES_OF,
    HEIGHT,
    NAMES,
    TRUE_LABELS,
    TRUE_TRACKS,
    VIDEO,
    WIDTH,
    World,
    parts,
    ring,
)
from uvis_core.exports import coco, cvat, fiftyone, mots

READERS = Path(__file__).with_name("foreign_readers.py")


@pytest.fixture(scope="session")
def foreign() -> Path:
    """The interpreter of the environment that `make test-formats` makes."""
    path = Path(os.environ.get("UVIS_FORMATS_PYTHON", ROOT / ".formats" / "bin" / "python"))
    if not path.is_file():
        pytest.skip(f"no environment with the readers at {path}: make test-formats makes it")
    return path


def opened(foreign: Path, reader: str, path: Path) -> list[dict[str, Any]]:
    command = [str(foreign), str(READERS), reader, str(path)]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=kept)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def unpacked(mask: dict[str, Any]) -> np.ndarray:
    bits = np.unpackbits(np.frombuffer(base64.b64decode(mask["bits"]), dtype=np.uint8))
    return bits[: np.prod(mask["shape"])].reshape(mask["shape"]).astype(bool)


def test_datumaro_follows_cvats_tracks(world: World, tmp_path: Path, foreign: Path) -> None:
    cvat.write(tmp_path, world.content("tracks"))
    found = opened(foreign, "datumaro_cvat", tmp_path / f"{VIDEO}.xml")
    shown = {(one["track_id"], one["frame"]): one for one in found if not one["outside"]}
    assert set(shown) == {(0, 1), (0, 2), (1, 0), (1, 1), (1, 3)}
    assert {one["track_id"]: one["label"] for one in found} == {0: NAMES[5], 1: NAMES[2]}
    assert all(one["keyframe"] for one in found)
    assert {(one["track_id"], one["frame"]) for one in found if one["outside"]} == {(0, 3), (1, 2)}
    assert shown[1, 0]["area"] == pytest.approx(ring(14).sum(), rel=0.1)


def test_cvat_and_datumaro_read_the_masks_of_labels(world: World, tmp_path: Path, foreign: Path) -> None:
    cvat.write(tmp_path, world.content("labels"))
    path = tmp_path / f"{VIDEO}.xml"
    (tmp_path / "images").symlink_to(world.images / VIDEO)
    by_cvat, by_datumaro = (opened(foreign, reader, path) for reader in ("cvat_sdk", "datumaro_cvat"))
    assert [int(one["mask_id"]) for one in by_datumaro] == list(TRUE_LABELS)
    for found in (by_cvat, by_datumaro):
        for one, (frame, class_id, mask) in zip(found, TRUE_LABELS.values(), strict=True):
            assert (one["frame"], one["label"]) == (frame, NAMES[class_id])
            np.testing.assert_array_equal(unpacked(one["mask"]), mask)


def test_datumaro_reads_mots(world: World, tmp_path: Path, foreign: Path) -> None:
    mots.write(tmp_path, world.content("tracks"))
    found = {(one["image"], one["track"]): one for one in opened(foreign, "datumaro_mots", tmp_path)}
    assert set(found) == {
        *((f"{VIDEO}/{frame:06d}", 2) for frame in (0, 1, 3)),
        *((f"{VIDEO}/{frame:06d}", 1) for frame in (1, 2)),
    }
    cross = found[f"{VIDEO}/000001", 1]
    assert cross["label"] == NAMES[5]
    np.testing.assert_array_equal(unpacked(cross["mask"]), parts() & ~ring(16))


def test_fiftyone_imports_scores_and_masks(world: World, tmp_path: Path, foreign: Path) -> None:
    folder = tmp_path / "labels"
    folder.mkdir()
    fiftyone.write(folder, world.content("labels"))
    found = {int(one["mask_id"]): one for one in opened(foreign, "fiftyone", folder)}
    assert set(found) == set(TRUE_LABELS)
    for mask_id, (frame, class_id, mask) in TRUE_LABELS.items():
        one = found[mask_id]
        assert (one["image"], one["there"], one["label"]) == (
            f"{VIDEO}/{frame:05d}.png",
            True,
            NAMES[class_id],
        )
        assert (one["video"], one["frame_number"]) == (VIDEO, frame + 1)
        scores = [one[name] for name in ("confidence", "objectness", "class_score", "similarity")]
        assert scores == pytest.approx([0.72, 0.9, 0.8, 0.7])
        placed(one, mask)


def test_fiftyone_imports_tracks(world: World, tmp_path: Path, foreign: Path) -> None:
    folder = tmp_path / "tracks"
    folder.mkdir()
    fiftyone.write(folder, world.content("tracks", copy_images=True))
    found = opened(foreign, "fiftyone", folder)
    assert {(one["index"], one["frame_number"] - 1) for one in found} == {
        (number, frame) for number, (_, _, masks) in TRUE_TRACKS.items() for frame in masks
    }


def test_fiftyone_imports_coco(world: World, tmp_path: Path, foreign: Path) -> None:
    folder = tmp_path / "coco"
    folder.mkdir()
    coco.write(folder, world.content("tracks", copy_images=True))
    found = opened(foreign, "fiftyone_coco", folder)
    assert len(found) == sum(len(masks) for _, _, masks in TRUE_TRACKS.values())
    assert {one["image"] for one in found} <= {
        f"{VIDEO}/{frame:05d}.png" for frame in range(FRAMES_OF[VIDEO])
    }
    (last,) = (one for one in found if one["image"].endswith("00003.png"))
    assert (last["label"], last["confidence"], last["track_id"]) == (NAMES[2], 0.75, 2)
    placed(last, ring(20))


def placed(one: dict[str, Any], mask: np.ndarray) -> None:
    """See that a mask within its box is the mask of the frame."""
    x, y, width, height = (
        round(share * size) for share, size in zip(one["box"], (WIDTH, HEIGHT) * 2, strict=True)
    )
    np.testing.assert_array_equal(unpacked(one["mask"]), mask[y : y + height, x : x + width])
    assert mask.sum() == mask[y : y + height, x : x + width].sum()
