import numpy as np
import torch

from uvis_core.config.training import TrainingSettings
from uvis_core.model.backbone import load_backbone
from uvis_core.model.minvis import MinVIS
from uvis_core.toy.models_backbone import BACKGROUND, TOY_MINVIS, KindImages, PixelClassifier, kind_map
from uvis_core.toy.samples import ToySample
from uvis_core.toy.shapes import KINDS

WEIGHTS = "uvis_core/toy/weights/backbone.safetensors"


def test_every_pixel_has_the_kind_of_its_thing():
    masks = np.zeros((2, 2, 3), dtype=bool)
    masks[0, 0, :2] = True
    masks[1, 1, 2] = True
    sample = ToySample(np.zeros((2, 3, 3), np.uint8), masks, np.array([4, 9]), np.array([False, True]))
    assert kind_map(sample).tolist() == [[4, 4, BACKGROUND], [BACKGROUND, BACKGROUND, 9]]


def test_images_are_drawn_by_seed_and_position():
    one, again, other = KindImages(0, 2)[1], KindImages(0, 2)[1], KindImages(1, 2)[1]
    assert torch.equal(one[0], again[0])
    assert not torch.equal(one[0], other[0])


def test_augmentation_changes_most_images_and_no_kind():
    changed = []
    for position in range(12):
        (plain, kinds), (shown, same_kinds) = (
            KindImages(0, 12, augmented=augmented)[position] for augmented in (False, True)
        )
        assert torch.equal(kinds, same_kinds)
        changed.append(not torch.equal(plain, shown))
    assert 4 <= sum(changed) < 12


def test_classifier_names_kinds_at_a_quarter_of_the_size():
    backbone = MinVIS(TOY_MINVIS, class_ids=[1]).backbone
    classifier = PixelClassifier(backbone, TOY_MINVIS.hidden_sizes)
    with torch.inference_mode():
        assert classifier(torch.zeros(1, 3, 64, 96)).shape == (1, len(KINDS) + 1, 16, 24)


def test_embedded_backbone_fits_the_embedded_model():
    settings = TrainingSettings(model=TOY_MINVIS, backbone=WEIGHTS)
    load_backbone(MinVIS(settings.model, class_ids=[1]), WEIGHTS)
