import numpy as np
import pytest
from PIL import Image

from uvis_core.evaluation.davis_annotations import read_davis_truth, ytvis_truth
from uvis_core.evaluation.truth import read_truth
from uvis_core.io.atomic import write_json
from uvis_core.io.errors import UserError

NUMBERS = np.zeros((4, 6), dtype=np.uint8)
NUMBERS[0, :2], NUMBERS[1, 2:], NUMBERS[3, 0] = 1, 2, 255


def save(path, numbers, mode):
    path.parent.mkdir(exist_ok=True)
    image = Image.fromarray(numbers)
    if mode == "P":
        image = image.convert("P")
        image.putdata(numbers.ravel().tolist())
    image.save(path)


def test_indexed_images_hold_objects_and_void(tmp_path):
    save(tmp_path / "clip" / "00000.png", NUMBERS, "P")
    save(tmp_path / "clip" / "00001.png", np.zeros_like(NUMBERS), "P")
    truth = read_davis_truth(tmp_path)
    assert (truth.videos["clip"].height_px, truth.videos["clip"].width_px, truth.videos["clip"].frames) == (
        4,
        6,
        2,
    )
    tracks = {track.annotation_id: track for track in truth.tracks["clip"]}
    assert {number: track.crowd for number, track in tracks.items()} == {1: False, 2: False, 255: True}
    assert tracks[2].tube.areas_px == {0: 4, 1: 0}


def test_grey_images_hold_one_object(tmp_path):
    save(tmp_path / "clip" / "00000.png", NUMBERS, "L")
    (track,) = read_davis_truth(tmp_path).tracks["clip"]
    assert track.tube.areas_px == {0: 7}
    assert not track.crowd


def test_a_video_without_objects(tmp_path):
    save(tmp_path / "clip" / "00000.png", np.zeros_like(NUMBERS), "L")
    assert read_davis_truth(tmp_path).tracks["clip"] == []


def test_refuses_folders_without_images_colour_and_mixed_sizes(tmp_path):
    with pytest.raises(UserError, match="no folder with PNG"):
        read_davis_truth(tmp_path)
    save(tmp_path / "clip" / "00000.png", NUMBERS, "L")
    save(tmp_path / "clip" / "00001.png", NUMBERS.T.copy(), "L")
    with pytest.raises(UserError, match=r"00001.png: its size is \(6, 4\)"):
        read_davis_truth(tmp_path)
    save(tmp_path / "clip" / "00001.png", np.zeros((4, 6, 3), dtype=np.uint8), "RGB")
    with pytest.raises(UserError, match=r"00001\.png: has 3 channels"):
        read_davis_truth(tmp_path)


def test_ytvis_layout_holds_the_same_objects(tmp_path):
    folder = tmp_path / "Annotations"
    folder.mkdir()
    for name in ("clip", "other", "third"):
        save(folder / name / "00000.png", NUMBERS, "P")
        save(folder / name / "00001.png", np.zeros_like(NUMBERS), "P")
    content = ytvis_truth(folder, {"other", "clip"})
    write_json(tmp_path / "truth.json", content)
    assert [(video["id"], video["name"], video["length"]) for video in content["videos"]] == [
        (1, "clip", 2),
        (2, "other", 2),
    ]
    assert content["videos"][1]["file_names"] == ["other/00000.png", "other/00001.png"]
    truth, direct = read_truth(tmp_path / "truth.json"), read_davis_truth(folder)
    for number, name in ((1, "clip"), (2, "other")):
        found = {tuple(track.tube.areas_by_frame(2)): track.crowd for track in truth.tracks[number]}
        assert found == {tuple(track.tube.areas_by_frame(2)): track.crowd for track in direct.tracks[name]}
    # Where an object is not to be seen there is null, as YTVIS has it.
    assert all(entry["segmentations"][1] is None for entry in content["annotations"])


def test_videos_without_annotations_are_named(tmp_path):
    save(tmp_path / "clip" / "00000.png", NUMBERS, "P")
    with pytest.raises(UserError, match=r"lacks 1 of the videos, such as \['tree'\]"):
        ytvis_truth(tmp_path, {"clip", "tree"})
