"""A run killed at the worst moment, then the README's resume command, equals an unbroken run."""

import os
import signal
import subprocess
import time
from collections.abc import Callable

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.workflow.conftest import Checkout, copy_repository

pytestmark = pytest.mark.slow
PATIENCE_S = 300


def kill_when(checkout: Checkout, ready: Callable[[], bool]) -> None:
    """Start or resume the workflow and kill its whole process group without warning as soon as ``ready`` says so."""
    running = subprocess.Popen(
        checkout.command("--rerun-incomplete"),
        cwd=checkout.folder,
        env=checkout.environment(),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + PATIENCE_S
    try:
        while not ready():
            assert running.poll() is None, "the run ended before it could be killed"
            assert time.monotonic() < deadline, "the moment to kill never came"
            time.sleep(0.02)
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()


def test_killed_in_masks_and_in_training_equals_unbroken(finished: Checkout, tmp_path) -> None:
    broken = copy_repository(tmp_path)
    results = broken.folder / "results/small"

    # The masks job has loaded its model and is at work, and no table of masks is finished.
    kill_when(
        broken, lambda: any("masks: " in log.read_text() for log in results.glob("logs/masks/train/*.log"))
    )
    assert not list(results.glob("training/*/*/model.safetensors"))
    broken.snakemake("--unlock")
    # Training has saved a state to resume from, and is not finished.
    kill_when(broken, lambda: bool(list(results.glob("training/full-minvis/seed-0/unfinished.safetensors"))))
    assert not list(results.glob("training/*/*/model.safetensors"))
    broken.snakemake("--unlock")
    broken.snakemake("--rerun-incomplete")

    for stage in ("frames", "masks", "crops", "prototypes", "labels"):
        pattern = f"results/small/{stage}/**/*"
        unbroken = finished.bytes_of(pattern)
        assert unbroken
        assert broken.bytes_of(pattern) == unbroken
    weights = [
        load_file(c.folder / "results/small/training/full-minvis/seed-0/model.safetensors")
        for c in (broken, finished)
    ]
    assert weights[0].keys() == weights[1].keys()
    for name in weights[0]:
        np.testing.assert_allclose(weights[0][name], weights[1][name], rtol=0, atol=1e-6)
    assert broken.would_run() == {}
