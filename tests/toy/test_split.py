import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from uvis_core.config.toy import ToySettings
from uvis_core.io.rle import decode_masks
from uvis_core.io.video import decode_video
from uvis_core.toy.names import video_ids
from uvis_core.toy.render import render_frame
from uvis_core.toy.samples import model_generator, sample_clip
from uvis_core.toy.shapes import CLASSES, DISTRACTORS
from uvis_core.toy.split import instance_tube, make_split, video_scene

DEFAULT = ToySettings()
SMALL = ToySettings(train_videos=2, test_videos=1, frames=4, height=64, width=96)
VOCABULARY = Path(__file__).parents[2] / "vocabularies" / "toy.json"


@pytest.fixture(scope="module")
def default_split(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    make_split(folder, folder / "train.json", "train", DEFAULT)
    return folder, json.loads((folder / "train.json").read_text())


def test_ids_are_known_before_anything_exists():
    assert video_ids("train", SMALL) == ["toy-train-000", "toy-train-001"]
    assert video_ids("test", SMALL) == ["toy-test-000"]
    assert (len(video_ids("train", DEFAULT)), len(video_ids("test", DEFAULT))) == (120, 40)


def test_equal_settings_give_equal_bytes(default_split, tmp_path):
    folder, _ = default_split
    names = sorted(path.name for path in folder.iterdir())
    assert names == [*(f"{name}.mp4" for name in video_ids("train", DEFAULT)), "train.json"]
    # A video is the same in a smaller world.
    few = DEFAULT.model_copy(update={"train_videos": 12})
    make_split(tmp_path, tmp_path / "train.json", "train", few, workers=3)
    again = tmp_path / "again"
    again.mkdir()
    make_split(again, again / "train.json", "train", few)
    names = sorted(path.name for path in tmp_path.iterdir() if path.is_file())
    assert len(names) == 13
    assert [name for name in names if (again / name).read_bytes() != (tmp_path / name).read_bytes()] == []
    names.remove("train.json")
    assert [name for name in names if (folder / name).read_bytes() != (tmp_path / name).read_bytes()] == []


def test_one_more_video_leaves_the_others_as_they_were():
    more = SMALL.model_copy(update={"train_videos": 3})
    one, two = (render_frame(video_scene("train", 1, settings), 0).image for settings in (SMALL, more))
    np.testing.assert_array_equal(one, two)


def test_videos_and_model_samples_share_no_frame():
    settings = DEFAULT.model_copy(update={"frames": 2})
    seen = set()
    for number in range(8):
        for image in sample_clip(model_generator(settings.seed, number), 2).images:
            seen.add(image.tobytes())
        for split in ("train", "test"):
            seen.add(render_frame(video_scene(split, number, settings), 0).image.tobytes())
    assert len(seen) == 8 * 4


def test_videos_hold_the_frames_that_the_truth_names(default_split):
    folder, truth = default_split
    assert [video["name"] for video in truth["videos"]] == video_ids("train", DEFAULT)
    video = truth["videos"][4]
    frames = list(decode_video(folder / f"{video['name']}.mp4"))
    assert len(frames) == video["length"] == len(video["file_names"]) == DEFAULT.frames
    assert video["file_names"][1] == "toy-train-004/00001.jpg"
    assert frames[1][0] - frames[0][0] == pytest.approx(1 / DEFAULT.fps, abs=1e-3)


def test_videos_show_the_scene_as_the_camera_sees_it(tmp_path):
    perfect = SMALL.model_copy(update={"defocus_px": 0, "sensor_noise": 0, "light": 0})
    poor = SMALL.model_copy(update={"defocus_px": 0, "sensor_noise": 60, "light": 0})
    away = []
    for name, settings in (("perfect", perfect), ("poor", poor)):
        make_split(tmp_path / name, tmp_path / name / "train.json", "train", settings)
        shown = list(decode_video(tmp_path / name / "toy-train-001.mp4"))[3][1]
        drawn = render_frame(video_scene("train", 1, settings), 3).image
        away.append(np.abs(shown.astype(int) - drawn).mean())
    assert away[0] < 6 < away[1]


def test_truth_is_whole(default_split):
    _, truth = default_split
    categories = {category["id"]: category["name"] for category in truth["categories"]}
    assert categories == dict(enumerate(CLASSES, start=1))
    assert [video["id"] for video in truth["videos"]] == list(range(1, 121))
    assert [annotation["id"] for annotation in truth["annotations"]] == list(
        range(1, len(truth["annotations"]) + 1)
    )
    for annotation in truth["annotations"]:
        assert annotation["category_id"] in categories
        assert annotation["iscrowd"] == 0
        shown = [segmentation is not None for segmentation in annotation["segmentations"]]
        assert any(shown)
        for key in ("segmentations", "areas", "bboxes", "occlusion"):
            assert [value is not None for value in annotation[key]] == shown


def test_masks_of_a_video_are_disjoint(default_split):
    _, truth = default_split
    for video in truth["videos"][:4]:
        tubes = [a["segmentations"] for a in truth["annotations"] if a["video_id"] == video["id"]]
        for column in zip(*tubes, strict=True):
            masks = decode_masks([s["counts"] for s in column if s], video["height"], video["width"])
            assert masks.sum(axis=0).max(initial=0) <= 1


def test_the_default_world_has_what_tracking_must_handle(default_split):
    _, truth = default_split
    annotations = truth["annotations"]
    gone_and_back = sum(
        "10" in "".join(str(int(s is not None)) for s in annotation["segmentations"]).strip("0")
        for annotation in annotations
    )
    assert gone_and_back >= 5
    occlusion = Counter(word for annotation in annotations for word in annotation["occlusion"])
    assert occlusion["slight_occlusion"] >= 50
    assert occlusion["severe_occlusion"] >= 10
    pairs = Counter((annotation["video_id"], annotation["category_id"]) for annotation in annotations)
    assert sum(count > 1 for count in pairs.values()) >= 6
    assert min(Counter(annotation["category_id"] for annotation in annotations).values()) >= 6


def test_distractors_are_drawn_but_not_annotated(default_split):
    _, truth = default_split
    scenes = [video_scene("train", number, DEFAULT) for number in range(120)]
    kinds = [thing.kind for scene in scenes for thing in scene.things]
    assert sum(kind >= len(CLASSES) for kind in kinds) >= 12
    assert len(truth["annotations"]) <= sum(kind < len(CLASSES) for kind in kinds)
    assert not {category["name"] for category in truth["categories"]} & set(DISTRACTORS)


def test_tube_of_an_instance_that_is_hidden_bit_by_bit():
    masks = np.zeros((4, 10, 12), bool)
    masks[0, 1:9, 2:10] = True  # all 64 px
    masks[1, 1:9, 2:8] = True  # 48 of 64
    masks[2, 1:9, 2:5] = True  # 24 of 64
    masks[3, 1:9, 2:4] = True  # 16 of 64: too few
    tube = instance_tube(masks, np.array([64, 64, 64, 64]))
    assert tube["areas"] == [64, 48, 24, None]
    assert tube["bboxes"] == [[2, 1, 8, 8], [2, 1, 6, 8], [2, 1, 3, 8], None]
    assert tube["occlusion"] == ["no_occlusion", "slight_occlusion", "severe_occlusion", None]
    assert tube["segmentations"][3] is None
    assert (tube["height"], tube["width"], tube["length"]) == (10, 12, 4)
    decoded = decode_masks([s["counts"] for s in tube["segmentations"][:3]], 10, 12)
    np.testing.assert_array_equal(decoded, masks[:3])


def test_the_vocabulary_names_the_classes():
    classes = json.loads(VOCABULARY.read_text())["classes"]
    assert {entry["id"]: entry["name"] for entry in classes} == dict(enumerate(CLASSES, start=1))
    words = [word for entry in classes for word in (entry["name"], *entry["aliases"])]
    assert len(set(words)) == len(words)
    assert not set(words) & set(DISTRACTORS)
