import errno
import json
import os
import subprocess
import sys

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from tests.conftest import ROOT
from uvis_core.config.base import settings_flags
from uvis_core.io.errors import MachineError, UserError
from uvis_core.model.checkpoint import load_checkpoint
from uvis_core.model.usage import ModelUsage, read_usage
from uvis_core.training import loop, resume
from uvis_core.training.processes import Processes

ALONE = Processes(0, 1, torch.device("cpu"))


def run(world, settings, folder, **options):
    output = folder / "model.safetensors"
    loop.train(settings, world / "samples.arrow", output, 0, ALONE, log_every=1, **options)
    return load_file(output)


def largest_difference(first, second):
    return max((first[name].float() - second[name].float()).abs().max().item() for name in first)


@pytest.fixture(scope="module")
def unbroken(world, settings, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unbroken")
    run(world, settings, folder)
    return folder


def stop_before(step, monkeypatch):
    """Make the training die as a killed process does, without any clean-up, before a step."""
    whole = loop.train_step

    def dying(*arguments):
        if arguments[3].step == step:
            raise KeyboardInterrupt
        return whole(*arguments)

    monkeypatch.setattr(loop, "train_step", dying)


def test_writes_a_checkpoint_and_figures(unbroken, settings):
    model = load_checkpoint(unbroken / "model.safetensors")
    assert model.class_ids == (4, 7)
    lines = [json.loads(line) for line in (unbroken / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert lines[0]["learning_rate"] == settings.learning_rate / 2
    assert set(lines[0]) == {
        "step", "loss", "loss_class", "loss_mask", "loss_dice", "gradient_norm", "learning_rate"
    }  # fmt: skip
    assert list((unbroken / "tensorboard").iterdir())
    assert not list(unbroken.glob("unfinished*"))


def test_the_model_says_how_it_is_used(world, settings, unbroken, tmp_path):
    kept = read_usage(unbroken / "model.safetensors")
    assert kept == ModelUsage(class_names=("class 4", "class 7"), tracks={"short_side_px": 32})
    tested = {"tracker": "memory", "memory_weight": 0.25, "short_side_px": 64}
    run(world, settings, tmp_path, tested=tested)
    assert read_usage(tmp_path / "model.safetensors").tracks == tested
    weights = [folder / "model.safetensors" for folder in (tmp_path, unbroken)]
    assert weights[0].read_bytes() == weights[1].read_bytes()


def test_frozen_backbone_stays_and_the_rest_learns(world, unbroken):
    before = load_file(world / "initial" / "model.safetensors")
    after = load_file(unbroken / "model.safetensors")
    backbone = [name for name in before if name.startswith("model.pixel_level_module.encoder.")]
    assert backbone
    assert all(torch.equal(before[name], after[name]) for name in backbone)
    query = "model.transformer_module.queries_features.weight"
    assert not torch.equal(before[query], after[query])


def test_killed_run_resumes_to_the_same_bytes(world, settings, unbroken, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        stop_before(5, patch)
        with pytest.raises(KeyboardInterrupt):
            run(world, settings, tmp_path)
    assert (tmp_path / loop.STATE_NAME).exists()
    assert not (tmp_path / "metrics.jsonl").exists()
    with (tmp_path / loop.UNFINISHED_METRICS_NAME).open("a") as stream:
        stream.write('{"step": 6, "lo')  # killed in the middle of a line
    resumed = run(world, settings, tmp_path)
    assert largest_difference(resumed, load_file(unbroken / "model.safetensors")) == 0
    assert (tmp_path / "metrics.jsonl").read_bytes() == (unbroken / "metrics.jsonl").read_bytes()


@pytest.mark.parametrize("change", ["settings", "code", "cut"])
def test_state_of_another_training_is_not_resumed(
    world, settings, unbroken, tmp_path, monkeypatch, caplog, change
):
    other = settings.model_copy(update={"learning_rate": 1e-2}) if change == "settings" else settings
    with monkeypatch.context() as patch:
        stop_before(3, patch)
        with pytest.raises(KeyboardInterrupt):
            run(world, other, tmp_path, code="old" if change == "code" else "")
    state = tmp_path / loop.STATE_NAME
    if change == "cut":
        state.write_bytes(state.read_bytes()[:1000])
    resumed = run(world, settings, tmp_path)
    assert "ignored, starting anew" in caplog.text
    assert largest_difference(resumed, load_file(unbroken / "model.safetensors")) == 0


@pytest.mark.parametrize(
    "error",
    [
        PermissionError(errno.EACCES, "Permission denied"),
        OSError("No such device (os error 19)"),
        SafetensorError("Cannot allocate memory (os error 12)"),
    ],
    ids=["permission", "device", "memory"],
)
def test_state_that_the_machine_cannot_read_now_is_not_written_over(
    world, settings, tmp_path, monkeypatch, error
):
    def fail(*_arguments):
        raise error

    state = tmp_path / loop.STATE_NAME
    state.write_bytes(b"a training of weeks")
    monkeypatch.setattr(resume, "safe_open", fail)
    with pytest.raises(MachineError, match="cannot be read"):
        run(world, settings, tmp_path)
    assert state.read_bytes() == b"a training of weeks"


def test_rotten_samples_are_not_trained_on(world, settings, tmp_path):
    content = bytearray((world / "samples.arrow").read_bytes())
    start = content.index(b"video-1/00000.png")
    content[start : start + 5] = bytes(5)
    (tmp_path / "samples.arrow").write_bytes(content)
    with pytest.raises(UserError, match="not as it was written"):
        run(tmp_path, settings, tmp_path)


def test_state_outlives_another_rhythm_of_saving(world, settings, unbroken, tmp_path, monkeypatch, caplog):
    with monkeypatch.context() as patch:
        stop_before(3, patch)
        with pytest.raises(KeyboardInterrupt):
            run(world, settings, tmp_path)
    caplog.set_level("INFO")
    run(world, settings.model_copy(update={"checkpoint_steps": 5}), tmp_path)
    assert "resuming after step 2" in caplog.text


def test_workers_change_nothing(world, settings, unbroken, tmp_path):
    found = run(world, settings, tmp_path, workers=1)
    assert largest_difference(found, load_file(unbroken / "model.safetensors")) == 0


def test_bf16_trains(world, settings, tmp_path):
    run(world, settings.model_copy(update={"precision": "bf16", "steps": 2}), tmp_path)


def test_loss_that_is_not_finite_names_step_and_frames(world, settings, tmp_path):
    with pytest.raises(
        UserError, match=r"training step \d+: the (loss|gradient) is nan.*video-\d/0000\d\.png"
    ):
        run(world, settings.model_copy(update={"learning_rate": 1e30, "steps": 20}), tmp_path)
    assert not (tmp_path / "model.safetensors").exists()


def test_frozen_backbone_needs_weights(world, settings, tmp_path):
    with pytest.raises(UserError, match="frozen but has no weights"):
        run(world, settings.model_copy(update={"initial": None}), tmp_path)


def test_two_processes_train_as_one(world, settings, tmp_path):
    # At the published rate: Adam gives a gradient that is 0 but for rounding a step of the size of the rate.
    many = settings.model_copy(update={"steps": 20, "batch_size": 4, "learning_rate": 1e-4})
    alone = run(world, many, tmp_path)
    output = tmp_path / "two" / "model.safetensors"
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    script = ["scripts/train_model.py", "--samples", world / "samples.arrow"]
    flags = ["--output", output, "--device", "cpu", "--workers", "0", *settings_flags(many)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    subprocess.run([*command, *script, *flags], cwd=ROOT, env=environment, check=True, capture_output=True)
    assert largest_difference(alone, load_file(output)) < 1e-4
