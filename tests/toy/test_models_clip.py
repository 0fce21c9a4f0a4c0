import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from uvis_core.config.crops import CropsSettings
from uvis_core.crops.clip import build_clip, load_clip
from uvis_core.io.atomic import read_json
from uvis_core.io.vocabulary import read_vocabulary
from uvis_core.toy import models_clip as toy
from uvis_core.toy.clip_crops import BACKGROUND, dimmed, drawn_dimming, sample_crops
from uvis_core.toy.samples import ToySample, model_generator
from uvis_core.toy.shapes import KINDS

WEIGHTS = Path("uvis_core/toy/weights/crops.safetensors")


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("toy") / "toy-clip-for-tests.json"
    path.write_text(json.dumps(toy.TOY_CLIP))
    return build_clip(str(path))


def test_every_kind_has_phrases_of_its_own():
    assert (*KINDS, "background") == tuple(toy.PHRASES)
    phrases = [phrase for own in toy.PHRASES.values() for phrase in own]
    assert len(phrases) == len(set(phrases))


def test_the_default_vocabulary_was_learned():
    for entry in read_vocabulary("vocabularies/toy.json").classes:
        assert set(entry.phrases) <= set(toy.PHRASES[entry.name])


def test_crops_show_their_things(clip):
    image = np.full((60, 80, 3), 200, dtype=np.uint8)
    mask = np.zeros((1, 60, 80), dtype=bool)
    mask[0, 20:40, 30:50] = True
    image[mask[0]] = 0
    sample = ToySample(image, mask, np.array([3]), np.array([False]))
    thing, background = sample_crops(sample, clip, model_generator(0, 0), 0.0, 1)
    dark = thing[0].mean(dim=0) < -0.3
    assert (dark == thing[1][0]).float().mean() > 0.97
    assert 0.6 < dark.float().mean() < 0.8  # 20 of 24 pixels each way, with the margin
    assert (thing[2], background[2]) == (3, BACKGROUND)
    assert background[1].all()
    assert (background[0] > -1).float().mean() > 0.85


def test_dimming_fades_the_background_alone():
    images = torch.ones(3, 1, 1, 2)
    masks = torch.tensor([[[[True, False]]]]).expand(3, 1, 1, 2)
    shown = dimmed(images, masks, torch.tensor([0.0, 0.5, 1.0]))
    assert shown.squeeze().tolist() == [[1, 0], [1, 0.5], [1, 1]]


def test_background_returns_as_training_goes_on():
    generator = torch.Generator().manual_seed(0)
    assert drawn_dimming(100, 0.0, generator).max() == 0
    assert drawn_dimming(100, 1.0, generator).min() == 1


def test_loss_of_shared_texts():
    texts = torch.eye(3)
    kinds = torch.tensor([0, 0, 1])
    right = toy.contrastive_loss(texts[kinds], texts, kinds, torch.tensor(100.0))
    assert right.item() == pytest.approx(0, abs=1e-6)
    # Nothing told apart: a guess among 3 texts for each image; for a text, its share of the images is the best guess.
    same = toy.contrastive_loss(torch.ones(3, 1), torch.ones(3, 1), kinds, torch.tensor(1.0))
    of_images, of_texts = math.log(3), (math.log(3 / 2) + math.log(3)) / 2
    assert same.item() == pytest.approx((of_images + of_texts) / 2)


def test_prompts_are_the_papers():
    texts = toy.drawn_texts(torch.Generator().manual_seed(1))
    assert len(texts) == len(toy.PHRASES)
    assert all(text.startswith("a photo of ") for text in texts)


def test_the_embedded_model_is_what_it_says():
    clip = load_clip(CropsSettings(model=str(WEIGHTS.with_suffix(".json")), weights=str(WEIGHTS)))
    said = read_json(WEIGHTS.with_name("crops.quality.json"))
    found = toy.clip_quality(clip, said["seed"], images=40)
    assert found["accuracy_vocabulary"] > said["accuracy_vocabulary"] - 0.1
    assert WEIGHTS.stat().st_size < 6e6
