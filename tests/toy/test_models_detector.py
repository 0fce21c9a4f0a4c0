from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from uvis_core.config.masks import MasksSettings
from uvis_core.io.atomic import read_json
from uvis_core.masks.cascade import load_detector
from uvis_core.toy.models_detector import (
    TOY_DETECTOR,
    DetectorImages,
    detector_input,
    detector_quality,
    mask_iou,
    matched,
)
from uvis_core.toy.samples import model_generator, sample_image

WEIGHTS = Path("uvis_core/toy/weights/masks.safetensors")


def test_iou_of_all_pairs():
    a = np.array([[[1, 1], [0, 0]], [[0, 0], [0, 1]]], dtype=bool)
    b = np.array([[[1, 0], [0, 0]], [[1, 1], [1, 1]], [[0, 0], [0, 0]]], dtype=bool)
    np.testing.assert_allclose(mask_iou(a, b), [[1 / 2, 2 / 4, 0], [0, 1 / 4, 0]])
    assert mask_iou(a, b[:0]).shape == (2, 0)


@pytest.mark.parametrize(
    ("iou", "expected"),
    [
        ([[0.9, 0.6], [0.8, 0.1]], 1),  # the best pair first: the second row is left with 0.1
        ([[0.9, 0.6], [0.6, 0.8]], 2),
        ([[0.5]], 0),  # above the threshold, not at it
        ([[], []], 0),
    ],
)
def test_each_mask_finds_one_thing(iou, expected):
    assert matched(np.array(iou), 0.5) == expected


def test_every_thing_is_an_object():
    sample = sample_image(model_generator(0, 0, 1))
    things = detector_input(sample)["instances"]
    assert len(things) == len(sample.masks)
    assert set(things.gt_classes.tolist()) == {0}
    ys, xs = np.nonzero(sample.masks[0])
    box = [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]
    assert things.gt_boxes.tensor[0].tolist() == box


def test_equal_seeds_give_equal_images():
    first, again, other = DetectorImages(3, 9)[4], DetectorImages(3, 9)[4], DetectorImages(4, 9)[4]
    assert torch.equal(first["image"], again["image"])
    assert not torch.equal(first["image"], other["image"])


def test_the_default_configuration_fits_the_embedded_weights():
    configured = yaml.safe_load(Path("config.yaml").read_text(encoding="utf-8"))["masks"]
    settings = MasksSettings.model_validate(configured)
    smaller_frames = {"min_size_px": settings.model.min_size_px, "max_size_px": settings.model.max_size_px}
    assert settings.model == TOY_DETECTOR.model_copy(update=smaller_frames)
    assert Path(settings.weights) == WEIGHTS


def test_the_embedded_detector_is_what_it_says():
    detector = load_detector(MasksSettings(weights=str(WEIGHTS), model=TOY_DETECTOR), torch.device("cpu"))
    said = read_json(WEIGHTS.with_name("masks.quality.json"))
    found = detector_quality(detector, said["seed"], images=25)
    assert found["recall_50"] > said["recall_50"] - 0.12
    assert WEIGHTS.stat().st_size < 3e6
