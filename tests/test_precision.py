"""The comparison of two tables of a stage, on tables whose difference is known."""

import sys

import numpy as np
import pytest

from tests.conftest import ROOT
from uvis_core.io.rle import encode_masks
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.tables import embedding_array, write_table

sys.path.insert(0, str(ROOT / "benchmarks"))
from precision import compare_crops, compare_masks, compare_tracks

SIZE = (8, 10)


def square(width):
    """Run lengths of a square of 4 rows at the left."""
    mask = np.zeros((1, *SIZE), bool)
    mask[0, 2:6, :width] = True
    return encode_masks(mask)[0]


def masks_table(path, widths, objectness):
    write_table(
        path,
        MASKS,
        {
            "mask_id": list(range(len(widths))),
            "video_id": ["v"] * len(widths),
            "frame_index": [0] * len(widths),
            "rle_counts": [square(width) for width in widths],
            "height_px": [SIZE[0]] * len(widths),
            "width_px": [SIZE[1]] * len(widths),
            "box_xyxy_px": [[0.0, 2.0, float(width), 6.0] for width in widths],
            "area_px": [4 * width for width in widths],
            "objectness": objectness,
        },
    )
    return path


def test_each_mask_meets_the_best_of_its_frame(tmp_path):
    one = masks_table(tmp_path / "one.parquet", [4, 8], [0.9, 0.8])
    other = masks_table(tmp_path / "other.parquet", [5, 8], [0.8, 0.8])
    figures = compare_masks(one, other, 0.3)
    assert figures["masks"] == 2
    assert figures["mean IoU of masks"] == pytest.approx((4 / 5 + 1) / 2)
    assert figures["masks of IoU 0.9 or more"] == 0.5
    assert figures["mean change of objectness"] == pytest.approx(0.05)
    assert compare_masks(one, other, 0.85)["masks"] == 1


def crops_table(path, classes, embeddings, mask_ids=(0, 1)):
    number = len(classes)
    write_table(
        path,
        CROPS,
        {
            "mask_id": list(mask_ids),
            "video_id": ["v"] * number,
            "frame_index": [0] * number,
            "class_id": classes,
            "class_score": [0.5] * number,
            "cosine": [0.2] * number,
            "top_class_ids": [[1]] * number,
            "top_logits": [[1.0]] * number,
            "top_cosines": [[0.2]] * number,
            "embedding": embedding_array(np.array(embeddings, np.float16)),
        },
    )
    return path


def test_crops_are_compared_row_by_row(tmp_path):
    one = crops_table(tmp_path / "one.parquet", [1, 2], [[1, 0], [0, 1]])
    other = crops_table(tmp_path / "other.parquet", [1, 3], [[1, 0], [0.6, 0.8]])
    figures = compare_crops(one, other, 0.3)
    assert figures["classes changed"] == 0.5
    assert figures["least cosine of embeddings"] == pytest.approx(0.8, abs=1e-3)
    strange = crops_table(tmp_path / "strange.parquet", [1, 2], [[1, 0], [0, 1]], (0, 2))
    with pytest.raises(SystemExit, match="other masks"):
        compare_crops(one, strange, 0.3)


def tracks_table(path, widths, classes):
    number = len(widths)
    write_table(
        path,
        TRACKS,
        {
            "video_id": ["v"] * number,
            "track_id": list(range(number)),
            "class_id": classes,
            "score": [0.9] * number,
            "frame_index": [0] * number,
            "rle_counts": [square(width) for width in widths],
            "height_px": [SIZE[0]] * number,
            "width_px": [SIZE[1]] * number,
        },
    )
    return path


def test_each_track_meets_the_best_of_its_video(tmp_path):
    one = tracks_table(tmp_path / "one.parquet", [4, 8], [1, 2])
    other = tracks_table(tmp_path / "other.parquet", [8, 5], [3, 1])
    figures = compare_tracks(one, other, 0.3)
    assert figures["mean IoU of tracks"] == pytest.approx((4 / 5 + 1) / 2)
    assert figures["classes changed"] == 0.5
