import numpy as np
import pyarrow as pa
import pytest

from tests.tracks.conftest import HEIGHT, WIDTH
from uvis_core.config.tracks import TracksSettings
from uvis_core.io.errors import UserError
from uvis_core.io.rle import encode_masks, mask_areas, mask_boxes
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.tables import embedding_array, fixed_lists, read_table, write_table
from uvis_core.tracks.deepsort import VideoLabels, link_labels, link_shard, vote

SETTINGS = TracksSettings(tracker="deepsort")
LOOKS = {"red": [1.0, 0.0, 0.0], "blue": [0.0, 1.0, 0.0]}


def labels_of(rows):
    """Rows of frame, left edge of a 10 x 10 box, look."""
    boxes = np.array([[left, 5, left + 10, 15] for _, left, _ in rows], dtype=np.float32).reshape(-1, 4)
    return VideoLabels(
        frames=np.array([frame for frame, _, _ in rows], dtype=np.int64),
        boxes=boxes,
        embeddings=np.array([LOOKS[look] for _, _, look in rows], dtype=np.float32).reshape(-1, 3),
        class_ids=np.ones(len(rows), dtype=np.int64),
        scores=np.ones(len(rows)),
        rle_counts=[""] * len(rows),
    )


def test_crossing_instances_are_told_apart_by_their_looks():
    rows = []
    for frame in range(9):
        rows += [(frame, 5 * frame, "red"), (frame, 40 - 5 * frame, "blue")]
    tracks = link_labels(labels_of(rows), 9, SETTINGS)
    assert sorted(tracks) == [list(range(0, 18, 2)), list(range(1, 18, 2))]


def test_instance_is_found_again_after_a_gap():
    rows = [(frame, 10 + frame, "red") for frame in (0, 1, 2, 6, 7)]
    assert link_labels(labels_of(rows), 8, SETTINGS) == [[0, 1, 2, 3, 4]]
    impatient = SETTINGS.model_copy(update={"max_age": 2})
    assert link_labels(labels_of(rows), 8, impatient) == [[0, 1, 2], [3, 4]]


def test_frames_without_labels():
    assert link_labels(labels_of([]), 3, SETTINGS) == []


def test_short_tracks_can_be_dropped():
    rows = [(0, 0, "red"), (1, 0, "red"), (2, 0, "red"), (2, 40, "blue")]
    assert sorted(link_labels(labels_of(rows), 3, SETTINGS)) == [[0, 1, 2], [3]]
    strict = SETTINGS.model_copy(update={"confirm_after": 2})
    assert link_labels(labels_of(rows), 3, strict) == [[0, 1, 2]]


@pytest.mark.parametrize(
    ("class_ids", "scores", "winner"),
    [([4, 4, 7], [0.1, 0.1, 0.9], 4), ([7, 4], [0.9, 0.1], 7), ([7, 4], [0.5, 0.5], 4)],
)
def test_vote(class_ids, scores, winner):
    assert vote(np.array(class_ids), np.array(scores)) == winner


@pytest.fixture
def tables(tmp_path, frames):
    """Video a: one star seen in all 3 frames, once taken for a ring, beside a rejected label; video b: nothing."""
    pixels = np.zeros((4, HEIGHT, WIDTH), dtype=bool)
    for row, left in enumerate((3, 4, 5, 30)):
        pixels[row, 5:15, left : left + 10] = True
    counts = encode_masks(pixels)
    ids = np.array([11, 12, 13, 14])
    shared = {"mask_id": ids, "video_id": ["a"] * 4, "frame_index": [0, 2, 4, 4]}
    boxes = mask_boxes(counts, HEIGHT, WIDTH)
    masks = {
        **shared,
        "rle_counts": counts,
        "height_px": [HEIGHT] * 4,
        "width_px": [WIDTH] * 4,
        "box_xyxy_px": fixed_lists(boxes, pa.float32()),
        "area_px": mask_areas(counts, HEIGHT, WIDTH),
        "objectness": [0.9] * 4,
    }
    crops = {
        **shared,
        "class_id": [1, 2, 1, 1],
        "class_score": [0.8] * 4,
        "cosine": [0.3] * 4,
        "top_class_ids": [[1]] * 4,
        "top_logits": [[1.0]] * 4,
        "top_cosines": [[0.3]] * 4,
        "embedding": embedding_array(np.tile([[1.0, 0.0]], (4, 1))),
    }
    labels = {
        **shared,
        "class_id": [1, 2, 1, 1],
        "objectness": [0.5, 0.5, 0.8, 0.9],
        "class_score": [1.0, 0.5, 1.0, 1.0],
        "similarity": [0.9] * 4,
        "kept": [True, True, True, False],
        "reason": ["kept"] * 3 + ["similarity"],
    }
    for schema, columns in ((MASKS, masks), (CROPS, crops), (LABELS, labels)):
        path = tmp_path / f"{schema.name}.parquet"
        write_table(path, schema, columns)
        # Another row order than the labels': tables are joined by mask_id.
        if schema is not LABELS:
            turned = read_table(path, schema).take([3, 2, 1, 0])
            write_table(path, schema, {key: turned[key] for key in turned.column_names})
    return [tmp_path / f"{name}.parquet" for name in ("labels", "masks", "crops")], counts


def test_shard_of_labels_becomes_tracks(frames, tables):
    paths, counts = tables
    columns = link_shard(read_table(frames, FRAMES), *paths, SETTINGS)
    assert columns["video_id"] == ["a"] * 3
    assert columns["track_id"] == [0] * 3
    assert columns["class_id"] == [1] * 3
    assert columns["frame_index"] == [0, 2, 4]
    assert columns["rle_counts"] == counts[:3]
    assert columns["score"] == pytest.approx([(0.5 + 0.25 + 0.8) / 3] * 3)


def test_tables_of_other_shards_are_refused(tmp_path, frames, tables):
    paths, _ = tables
    masks = read_table(paths[1], MASKS).slice(0, 3)
    write_table(tmp_path / "cut.parquet", MASKS, {name: masks[name] for name in masks.column_names})
    with pytest.raises(UserError, match=r"1 masks of the labels .* are not among the rows of .*cut\.parquet"):
        link_shard(read_table(frames, FRAMES), paths[0], tmp_path / "cut.parquet", paths[2], SETTINGS)
