import json

import numpy as np
import pytest

from tests.training.conftest import HEIGHT, WIDTH, square
from uvis_core.io.errors import UserError
from uvis_core.io.rle import encode_masks
from uvis_core.training.annotations import decode_segmentation, read_labels


def write(path, **changes):
    video = {"id": 5, "height": 4, "width": 4, "file_names": ["a.jpg", "b.jpg"]}
    mask = {"size": [4, 4], "counts": encode_masks(np.ones((1, 4, 4), dtype=bool))[0]}
    content = {
        "videos": [video],
        "categories": [{"id": 9, "name": "star"}],
        "annotations": [{"id": 1, "video_id": 5, "category_id": 9, "segmentations": [None, mask]}],
        **changes,
    }
    path.write_text(json.dumps(content))
    return path


def test_classes_are_ordered_by_id(world):
    labels = read_labels(world / "labels.json")
    assert labels.class_ids == (4, 7)
    assert [sorted(video.instances) for video in labels.videos] == [[0, 1], [0, 1], [0]]
    assert [index for index, _ in labels.videos[0].instances[0]] == [0, 1]


def test_crowds_are_left_out(tmp_path):
    path = write(tmp_path / "labels.json")
    content = json.loads(path.read_text())
    content["annotations"].append({**content["annotations"][0], "iscrowd": 1})
    path.write_text(json.dumps(content))
    assert len(read_labels(path).videos[0].instances[1]) == 1


def test_no_label_says_what_removed_them(tmp_path):
    info = {"counts": {"kept": 0, "objectness": 12, "similarity": 3}}
    path = write(tmp_path / "labels.json", annotations=[], info=info)
    with pytest.raises(UserError, match=r"no label to train on.*objectness 12, similarity 3"):
        read_labels(path)


def test_unlabelled_split_is_no_label(tmp_path):
    with pytest.raises(UserError, match="no label to train on"):
        read_labels(write(tmp_path / "labels.json", annotations=None))


@pytest.mark.parametrize(
    "changes", [{"categories": [{"id": 1, "name": "other"}]}, {"videos": [{"id": 5}]}, {"videos": 3}]
)
def test_what_is_no_ytvis_json_is_refused(tmp_path, changes):
    with pytest.raises(UserError, match="is no YTVIS json"):
        read_labels(write(tmp_path / "labels.json", **changes))


def test_annotation_of_an_unknown_video_is_refused(tmp_path):
    path = write(tmp_path / "labels.json")
    content = json.loads(path.read_text())
    content["annotations"][0]["video_id"] = 6
    path.write_text(json.dumps(content))
    with pytest.raises(UserError, match="videos that it does not list"):
        read_labels(path)


@pytest.mark.parametrize(
    "segmentation",
    [
        {"size": [HEIGHT, WIDTH], "counts": encode_masks(square(2, 1, 3)[None])[0]},
        {
            "size": [HEIGHT, WIDTH],
            "counts": [HEIGHT + 2, 3, HEIGHT - 3, 3, HEIGHT - 3, 3, HEIGHT * (WIDTH - 3) - 5],
        },
        [[1, 2, 4, 2, 4, 5, 1, 5]],
    ],
)
def test_all_forms_of_masks(segmentation):
    assert np.array_equal(decode_segmentation(segmentation, HEIGHT, WIDTH), square(2, 1, 3))


def test_mask_of_another_size_is_refused():
    counts = encode_masks(np.ones((1, 4, 4), dtype=bool))[0]
    with pytest.raises(ValueError, match="mask of"):
        decode_segmentation({"size": [4, 4], "counts": counts}, HEIGHT, WIDTH)
