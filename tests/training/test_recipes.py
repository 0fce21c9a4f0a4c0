import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tests.conftest import ROOT
from tests.model.tiny import tiny_model
from uvis_core.config.base import settings_flags
from uvis_core.config.clips import ClipSettings, JitterSettings
from uvis_core.config.training import TrainingSettings
from uvis_core.model.checkpoint import load_checkpoint
from uvis_core.training import loop
from uvis_core.training.dataset import Sample
from uvis_core.training.processes import Processes
from uvis_core.training.recipes import TrainedNetwork, network_input, padded_targets

CPU = torch.device("cpu")
ALONE = Processes(0, 1, CPU)


def recipe_settings(settings, recipe):
    """The small recipe of this stage's tests, as another recipe."""
    blocks = {
        "image": {"jitter": JitterSettings(size_px=64)},
        "videocutler": {"clip": ClipSettings(frames=2, crop_px=(32, 64))},
    }
    return settings.model_copy(update={"recipe": recipe, **blocks.get(recipe, {})})


def run(world, settings, folder):
    output = folder / "model.safetensors"
    loop.train(settings, world / "samples.arrow", output, 0, ALONE, log_every=1)
    return load_file(output)


@pytest.mark.parametrize("recipe", ["image", "videocutler"])
def test_a_killed_training_of_any_recipe_resumes_to_the_same_bytes(
    world, settings, tmp_path, monkeypatch, recipe
):
    wanted = recipe_settings(settings, recipe)
    run(world, wanted, tmp_path / "unbroken")
    whole = loop.train_step

    def dying(*arguments):
        if arguments[3].step == 3:
            raise KeyboardInterrupt
        return whole(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(loop, "train_step", dying)
        with pytest.raises(KeyboardInterrupt):
            run(world, wanted, tmp_path / "killed")
    run(world, wanted, tmp_path / "killed")
    for name in ("model.safetensors", "metrics.jsonl", "config.json"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "unbroken" / name).read_bytes()
    model = load_checkpoint(tmp_path / "killed" / "model.safetensors")
    assert (model.recipe, model.class_ids) == (recipe, (4, 7))


def test_two_processes_train_on_clips_as_one(world, settings, tmp_path):
    many = recipe_settings(settings, "videocutler").model_copy(
        update={"steps": 6, "batch_size": 4, "learning_rate": 1e-4}
    )
    alone = run(world, many, tmp_path / "one")
    output = tmp_path / "two" / "model.safetensors"
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    script = ["scripts/train_model.py", "--samples", world / "samples.arrow"]
    flags = ["--output", output, "--device", "cpu", "--workers", "0", *settings_flags(many)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    subprocess.run([*command, *script, *flags], cwd=ROOT, env=environment, check=True, capture_output=True)
    together = load_file(output)
    assert max((alone[name].float() - together[name].float()).abs().max() for name in alone) < 1e-4


def test_a_model_of_one_class_starts_one_of_many_on_clips(world, settings, tmp_path):
    """Class-agnostic images, then clips with classes: VideoCutLER's two stages, on labels that have classes."""
    images = recipe_settings(settings, "image").model_copy(update={"class_agnostic": True, "steps": 2})
    run(world, images.model_copy(update={"decay_steps": ()}), tmp_path / "images")
    first = tmp_path / "images" / "model.safetensors"
    assert load_checkpoint(first).class_ids == (1,)
    clips = recipe_settings(settings, "videocutler").model_copy(update={"initial": str(first)})
    run(world, clips, tmp_path / "clips")
    assert load_checkpoint(tmp_path / "clips" / "model.safetensors").class_ids == (4, 7)
    config = json.loads((tmp_path / "clips" / "config.json").read_text())
    assert config["uvis"]["recipe"] == "videocutler"


def sample(index, masks, image):
    classes = torch.arange(len(masks))
    return Sample(index, "", image, masks, classes)


def test_what_is_nowhere_is_no_label_and_what_is_away_is_one():
    masks = torch.zeros((3, 2, 4, 6), dtype=torch.uint8)
    masks[0, 1, 2, 3] = masks[2] = 1
    clip = sample(0, masks, torch.zeros((2, 3, 4, 6), dtype=torch.uint8))
    empty = sample(1, masks[:0], torch.zeros((2, 3, 4, 6), dtype=torch.uint8))
    targets = padded_targets([clip, empty], (32, 32), CPU)
    assert targets.counts == (2, 0)
    assert targets.classes.tolist() == [0, 2]
    assert targets.masks.shape == (2, 2, 32, 32)
    assert targets.masks.flatten(2).sum(2).tolist() == [[0, 1], [24, 24]]


def test_clips_are_padded_as_frames_are():
    random = np.random.default_rng(0)
    frames = torch.from_numpy(random.integers(0, 256, (2, 3, 20, 30), dtype=np.uint8))
    masks = torch.ones((1, 2, 20, 30), dtype=torch.uint8)
    clips = network_input([sample(0, masks, frames)], (32, 64), CPU)
    single = network_input([sample(0, masks[:, 0], frames[1])], (32, 64), CPU)
    assert clips.shape == (1, 2, 3, 32, 64)
    assert torch.equal(clips[0, 1], single[0])
    targets = padded_targets([sample(0, masks[:, 0], frames[1])], (32, 64), CPU)
    assert targets.masks.shape == (1, 1, 32, 64)


@pytest.mark.parametrize(("recipe", "rate"), [("minvis", 0), ("image", 0.3), ("videocutler", 0.3)])
def test_dropout_is_the_recipes_own_unless_it_is_set(recipe, rate):
    assert TrainingSettings(recipe=recipe).dropout_rate == rate
    assert TrainingSettings(recipe=recipe, dropout=0.1).dropout_rate == 0.1
    network = TrainedNetwork(tiny_model(), TrainingSettings(recipe=recipe), 0)
    assert (network.dropout is not None) == bool(rate)
