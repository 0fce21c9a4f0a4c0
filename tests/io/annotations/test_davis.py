import numpy as np
import pytest
from PIL import Image

from uvis_core.io.annotations.davis import read_davis
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
    truth = read_davis(tmp_path)
    assert (truth.videos["clip"].height_px, truth.videos["clip"].width_px, truth.videos["clip"].frames) == (
        4,
        6,
        2,
    )
    found = truth.read("clip")
    assert {each.object_id: each.crowd for each in found.objects} == {1: False, 2: False, 255: True}
    assert [tube.areas_px for tube in found.tubes] == [{0: 2}, {0: 4}, {0: 1}]
    assert truth.class_names == {1: "object"}


def test_grey_images_hold_one_object(tmp_path):
    save(tmp_path / "clip" / "00000.png", NUMBERS, "L")
    found = read_davis(tmp_path).read("clip")
    assert [tube.areas_px for tube in found.tubes] == [{0: 7}]
    assert not found.objects[0].crowd


def test_a_video_without_objects(tmp_path):
    save(tmp_path / "clip" / "00000.png", np.zeros_like(NUMBERS), "L")
    assert read_davis(tmp_path).read("clip").objects == []


def test_refuses_folders_without_images_colour_and_mixed_sizes(tmp_path):
    with pytest.raises(UserError, match="no folder with PNG"):
        read_davis(tmp_path)
    save(tmp_path / "clip" / "00000.png", NUMBERS, "L")
    save(tmp_path / "clip" / "00001.png", NUMBERS.T.copy(), "L")
    with pytest.raises(UserError, match=r"00001.png: its size is \(6, 4\)"):
        read_davis(tmp_path).read("clip")
    save(tmp_path / "clip" / "00001.png", np.zeros((4, 6, 3), dtype=np.uint8), "RGB")
    with pytest.raises(UserError, match=r"00001\.png: has 3 channels"):
        read_davis(tmp_path).read("clip")
