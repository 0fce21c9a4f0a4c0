import numpy as np
import pyarrow as pa
import pytest
import torch

from tests.masks.test_motion import textured
from tests.vit.tiny import write_tiny_vit
from uvis_core.config.masks import MaskCutSettings, MasksSettings
from uvis_core.io.errors import UserError
from uvis_core.io.images import write_image
from uvis_core.io.rle import decode_masks
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.tables import write_table
from uvis_core.masks.generate import generate_masks
from uvis_core.masks.maskcut import MovingFrames, mask_boxes, patch_grid

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    path = write_tiny_vit(tmp_path_factory.mktemp("vit"))
    # Tokens of random weights are much alike.
    cut = MaskCutSettings(model="test_vit", short_side_px=96, affinity_threshold=0.98, filter_radius_px=4)
    return MasksSettings(backend="maskcut", weights=str(path), objectness_floor=0, maskcut=cut)


@pytest.fixture
def frames(tmp_path):
    """Three frames of a video with a moving square, and one of another size."""
    rows = []
    for video_id, index in [("a", 0), ("a", 1), ("a", 2), ("b", 0)]:
        image = textured()[: 120 if video_id == "a" else 90]
        image[40:80, 60 + 6 * index : 110 + 6 * index] = textured((9, 7))[:40, :50] // 3
        path = tmp_path / f"{video_id}-{index}.png"
        write_image(path, image)
        size = {"height_px": image.shape[0], "width_px": image.shape[1]}
        rows.append(
            {"video_id": video_id, "frame_index": index, "path": str(path), "timestamp_s": 0.0, **size}
        )
    return pa.Table.from_pylist(rows)


def run(frames, settings, batch_size=2, workers=0):
    columns = generate_masks(frames, settings, device=CPU, batch_size=batch_size, workers=workers)
    return {name: values.to_pylist() for name, values in columns.items()}


def test_rows_fit_the_table_and_the_masks(frames, settings, tmp_path):
    columns = run(frames, settings)
    write_table(tmp_path / "masks.parquet", MASKS, columns)
    assert set(columns["video_id"]) == {"a", "b"}
    boxes = np.array(columns["box_xyxy_px"])
    keys = list(
        zip(columns["video_id"], columns["frame_index"], -np.array(columns["objectness"]), strict=True)
    )
    assert keys == sorted(keys)
    for row, text in enumerate(columns["rle_counts"]):
        (mask,) = decode_masks([text], columns["height_px"][row], columns["width_px"][row])
        ys, xs = np.nonzero(mask)
        assert boxes[row].tolist() == [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]
        assert mask.sum() == columns["area_px"][row]
        assert 0 < columns["objectness"][row] <= 1
    per_frame = {key: keys.count(key) for key in keys}
    assert max(per_frame.values()) <= settings.maskcut.masks_per_frame


def test_equal_runs_give_equal_bytes_and_batches_change_nothing(frames, settings, tmp_path):
    for name, options in (("one", {}), ("two", {}), ("three", {"batch_size": 1, "workers": 1})):
        write_table(tmp_path / name, MASKS, run(frames, settings, **options))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert (tmp_path / "one").read_bytes() == (tmp_path / "three").read_bytes()


def test_floor_and_limit_only_take_rows_away(frames, settings):
    every = run(frames, settings)
    floor = float(np.median(every["objectness"]))
    few = run(frames, settings.model_copy(update={"objectness_floor": floor}))
    assert few["mask_id"] == [
        identity
        for identity, score in zip(every["mask_id"], every["objectness"], strict=True)
        if score > floor
    ]
    best = run(frames, settings.model_copy(update={"max_masks_per_frame": 1}))
    assert len(best["mask_id"]) == 4


@pytest.mark.parametrize("workers", [0, 1])
def test_missing_frame_is_named(frames, settings, tmp_path, workers):
    (tmp_path / "a-1.png").unlink()
    with pytest.raises(UserError, match=r"a-1\.png"):
        run(frames, settings, workers=workers)


def test_neighbours_are_of_the_same_video(frames):
    moving = MovingFrames(frames.to_pylist(), 96, 16, with_motion=True)
    assert moving[0][1].shape == (6, 12, 2)
    assert moving[1][1].abs().max() > 0
    # The only frame of its video moves nowhere.
    assert moving[3][1].abs().max() == 0
    assert MovingFrames(frames.to_pylist(), 96, 16, with_motion=False)[0][1] is None


def test_grid_keeps_the_aspect():
    assert patch_grid((480, 854), 480, 14) == (34, 61)
    assert patch_grid((854, 480), 480, 14) == (61, 34)
    assert patch_grid((20, 2000), 16, 16) == (2, 100)


def test_boxes_reach_to_the_last_pixel():
    masks = torch.zeros(2, 5, 7, dtype=torch.bool)
    masks[0, 1:3, 2:6] = True
    masks[1, 4, 6] = True
    assert mask_boxes(masks).tolist() == [[2, 1, 6, 3], [6, 4, 7, 5]]
