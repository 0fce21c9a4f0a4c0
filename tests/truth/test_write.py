import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from tests.cases import HEIGHT, WIDTH, annotation, box_mask, truth, video, write
from uvis_core.io.annotations.davis import read_davis
from uvis_core.io.annotations.table import read_truth_table
from uvis_core.io.annotations.ytvis import read_ytvis
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.truth import TRUTH
from uvis_core.io.tables import read_metadata, read_table
from uvis_core.truth.write import VIDEOS_PER_GROUP, write_truth

EMPTY = {"size": [HEIGHT, WIDTH], "counts": "`1"}


def named(number, name, frames=2):
    return video(number, frames=frames) | {"name": name}


@pytest.fixture
def annotations(tmp_path):
    content = truth(
        [
            annotation([box_mask(0, 0), None], video_id=7, class_id=2, areas=[100.0, None], id=40),
            annotation([EMPTY, box_mask(3, 3)], video_id=7, class_id=1, iscrowd=1, id=41),
            annotation([box_mask(1, 1)] * 3, video_id=3, id="c", occlusion=["severe_occlusion"] * 3),
        ],
        videos=[named(7, "boat"), named(3, "tree", frames=3), named(5, "air")],
    )
    return read_ytvis(write(tmp_path, "truth.json", content))


def test_a_row_per_video_by_name(annotations, tmp_path):
    assert write_truth(tmp_path / "truth.parquet", annotations, provenance={"code": "7"}) == 3
    air, boat, tree = read_table(tmp_path / "truth.parquet", TRUTH).to_pylist()
    assert [(row["video_id"], row["number"], row["frames"]) for row in (air, boat, tree)] == [
        ("air", 5, 2),
        ("boat", 7, 2),
        ("tree", 3, 3),
    ]
    assert air["objects"] == []
    first, crowd = boat["objects"]
    assert first == {
        "object_id": "40",
        "class_id": 2,
        "crowd": False,
        "mean_area_px": 100.0,
        "occlusion": -1.0,
        "frame_index": [0],
        "rle_counts": [box_mask(0, 0)["counts"]],
    }
    assert (crowd["crowd"], crowd["frame_index"]) == (True, [1])
    assert tree["objects"][0]["occlusion"] == 0.75
    metadata = read_metadata(tmp_path / "truth.parquet")
    assert json.loads(metadata["classes"]) == {"1": "class 1", "2": "class 2"}
    assert metadata["code"] == "7"


def test_what_was_written_is_read_again(annotations, tmp_path):
    write_truth(tmp_path / "truth.parquet", annotations)
    table = read_truth_table(tmp_path / "truth.parquet")
    assert [each.name for each in table.videos.values()] == ["tree", "air", "boat"]
    assert list(table.by_number) == list(annotations.videos)
    assert table.class_names == annotations.class_names
    assert table.warnings == annotations.warnings
    assert "annotation 40: lacks occlusion" in table.occlusion_fault
    for name, each in table.by_name.items():
        written = annotations.read(annotations.by_name[name].video_id)
        found = table.read(each.video_id)
        assert [true.object_id for true in found.objects] == [str(true.object_id) for true in written.objects]
        assert [true.mean_area_px for true in found.objects] == [
            true.mean_area_px for true in written.objects
        ]
        for one, other in zip(found.tubes, written.tubes, strict=True):
            assert one.areas_by_frame(each.frames).tolist() == other.areas_by_frame(each.frames).tolist()


def test_the_videos_of_a_plan_alone(annotations, tmp_path):
    assert write_truth(tmp_path / "truth.parquet", annotations, ["tree", "boat"]) == 2
    assert list(read_truth_table(tmp_path / "truth.parquet").by_name) == ["tree", "boat"]
    with pytest.raises(UserError, match=r"lacks 1 of the videos, such as \['sea'\]"):
        write_truth(tmp_path / "other.parquet", annotations, ["tree", "sea"])
    assert not (tmp_path / "other.parquet").exists()


def test_equal_annotations_give_equal_bytes_in_small_groups(tmp_path):
    content = truth([], videos=[named(number, f"{number:02}") for number in range(1, VIDEOS_PER_GROUP + 2)])
    known = read_ytvis(write(tmp_path, "truth.json", content))
    for name in ("one.parquet", "other.parquet"):
        write_truth(tmp_path / name, known)
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "other.parquet").read_bytes()
    assert pq.ParquetFile(tmp_path / "one.parquet").metadata.num_row_groups == 2


def test_texts_as_ids_are_counted_by_name(tmp_path):
    content = truth([], videos=[video("b"), video("a")])
    write_truth(tmp_path / "truth.parquet", read_ytvis(write(tmp_path, "truth.json", content)))
    rows = read_table(tmp_path / "truth.parquet", TRUTH).to_pylist()
    assert [(row["video_id"], row["number"]) for row in rows] == [("a", 1), ("b", 2)]


def test_a_folder_of_davis(tmp_path):
    numbers = np.zeros((4, 6), dtype=np.uint8)
    numbers[0, :2], numbers[1, 2:], numbers[3, 0] = 1, 2, 255
    for name in ("clip", "other", "third"):
        (tmp_path / "masks" / name).mkdir(parents=True)
        for frame in range(2):
            image = Image.fromarray(numbers if frame else np.zeros_like(numbers)).convert("P")
            image.putdata((numbers if frame else np.zeros_like(numbers)).ravel().tolist())
            image.save(tmp_path / "masks" / name / f"{frame:05}.png")
    write_truth(tmp_path / "truth.parquet", read_davis(tmp_path / "masks"), ["third", "clip"])
    table = read_truth_table(tmp_path / "truth.parquet")
    assert [(each.name, each.number, each.frames) for each in table.videos.values()] == [
        ("clip", 1, 2),
        ("third", 2, 2),
    ]
    assert table.class_names == {1: "object"}
    found = table.read("third")
    assert [(true.object_id, true.crowd) for true in found.objects] == [
        ("1", False),
        ("2", False),
        ("255", True),
    ]
    assert [tube.areas_px for tube in found.tubes] == [{1: 2}, {1: 4}, {1: 1}]


def test_two_videos_of_one_name(tmp_path):
    content = truth([], videos=[named(1, "boat"), named(2, "boat")])
    with pytest.raises(UserError, match="two videos are named 'boat'"):
        write_truth(tmp_path / "truth.parquet", read_ytvis(write(tmp_path, "truth.json", content)))
