import numpy as np
import pytest
import torch

from uvis_core.io.errors import UserError
from uvis_core.io.rle import decode_masks
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.tables import read_table, write_table
from uvis_core.masks.generate import generate_masks
from uvis_core.masks.mask_ids import mask_id

CPU = torch.device("cpu")
VIDEOS = {"b": (3, 64, 80), "a": (2, 48, 96)}


@pytest.fixture
def generate(small_settings):
    def run(frames, batch_size=2, workers=0, **changes):
        settings = small_settings.model_copy(update=changes)
        columns = generate_masks(frames, settings, device=CPU, batch_size=batch_size, workers=workers)
        return {name: values.to_pylist() for name, values in columns.items()}

    return run


def test_rows_and_columns(frames_of, generate, tmp_path):
    frames = frames_of(VIDEOS)
    columns = generate(frames)
    write_table(tmp_path / "masks.parquet", MASKS, columns)
    rows = read_table(tmp_path / "masks.parquet", MASKS).to_pylist()
    assert rows, "the random detector should find something"
    keys = [(row["video_id"], row["frame_index"], -row["objectness"]) for row in rows]
    assert keys == sorted(keys)
    rank, last = 0, None
    for row in rows:
        place = (row["video_id"], row["frame_index"])
        rank = rank + 1 if place == last else 0
        last = place
        assert row["mask_id"] == mask_id(*place, rank)
        assert rank < 5
        assert row["objectness"] > 0.2
        assert (row["height_px"], row["width_px"]) == VIDEOS[row["video_id"]][1:]
        (mask,) = decode_masks([row["rle_counts"]], row["height_px"], row["width_px"])
        assert mask.sum() == row["area_px"] > 0
        x0, y0, x1, y1 = row["box_xyxy_px"]
        assert 0 <= x0 < x1 <= row["width_px"]
        assert 0 <= y0 < y1 <= row["height_px"]
        ys, xs = np.nonzero(mask)
        # Masks are pasted into their boxes, with half a pixel of play.
        assert x0 - 1 <= xs.min() <= xs.max() <= x1 + 1
        assert y0 - 1 <= ys.min() <= ys.max() <= y1 + 1


@pytest.mark.parametrize(("batch_size", "workers"), [(1, 0), (3, 2), (8, 1)])
def test_batch_size_and_workers_change_nothing(frames_of, generate, batch_size, workers):
    frames = frames_of(VIDEOS)
    reference, other = generate(frames), generate(frames, batch_size, workers)
    for name in ("mask_id", "video_id", "frame_index", "rle_counts", "area_px"):
        assert other[name] == reference[name], name
    np.testing.assert_allclose(other["objectness"], reference["objectness"], atol=1e-6)
    boxes = [np.array(columns["box_xyxy_px"]) for columns in (other, reference)]
    np.testing.assert_allclose(*boxes, atol=1e-3)


def test_equal_runs_give_equal_bytes(frames_of, generate, tmp_path):
    frames = frames_of(VIDEOS)
    for name in ("one", "two"):
        write_table(tmp_path / f"{name}.parquet", MASKS, generate(frames))
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_a_higher_floor_only_takes_rows_away(frames_of, generate):
    frames = frames_of(VIDEOS)
    low = generate(frames)
    floor = float(np.median(low["objectness"]))
    high = generate(frames, objectness_floor=floor)
    expected = [
        identity for identity, score in zip(low["mask_id"], low["objectness"], strict=True) if score > floor
    ]
    assert 0 < len(expected) < len(low["mask_id"])
    assert high["mask_id"] == expected


def test_limit_per_frame_keeps_the_best(frames_of, generate):
    frames = frames_of({"a": (1, 48, 96)})
    few = generate(frames, max_masks_per_frame=2)
    assert few["mask_id"] == generate(frames)["mask_id"][:2]


def test_bf16_finds_about_the_same(frames_of, generate):
    frames = frames_of({"a": (1, 48, 96)})
    exact, fast = generate(frames), generate(frames, precision="bf16")
    assert exact["mask_id"][:1] == fast["mask_id"][:1]
    np.testing.assert_allclose(fast["objectness"][0], exact["objectness"][0], atol=0.02)


def test_no_frames(frames_of, generate, tmp_path):
    frames = frames_of(VIDEOS).slice(0, 0)
    columns = generate(frames)
    write_table(tmp_path / "masks.parquet", MASKS, columns)
    assert read_table(tmp_path / "masks.parquet", MASKS).num_rows == 0


@pytest.mark.parametrize("workers", [0, 1])
def test_missing_frame_is_named(frames_of, generate, tmp_path, workers):
    frames = frames_of(VIDEOS)
    (tmp_path / "a-1.png").unlink()
    with pytest.raises(UserError, match=r"a-1\.png") as error:
        generate(frames, workers=workers)
    assert error.value.fix


def test_cut_frame_is_named(frames_of, generate, tmp_path):
    frames = frames_of(VIDEOS)
    whole = (tmp_path / "b-0.png").read_bytes()
    (tmp_path / "b-0.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match=r"b-0\.png"):
        generate(frames)


def test_frame_of_another_size_is_named(frames_of, generate):
    frames = frames_of({"a": (1, 48, 96)})
    wrong = frames.set_column(frames.schema.get_field_index("height_px"), "height_px", [[96]])
    with pytest.raises(UserError, match=r"48 x 96"):
        generate(wrong)
