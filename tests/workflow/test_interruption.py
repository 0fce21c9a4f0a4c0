"""A run killed at the worst moments, each time resumed by the documented command, equals an unbroken run.

A hundred kills at any moment, by stage: ``benchmarks/killed.py``.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workflow.kills import (
    CONFIGFILE,
    differences,
    finish,
    kill_when,
    make_tiny,
    outputs,
    results_of,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the tiny run makes if it is left alone."""
    checkout = make_tiny(tmp_path_factory.mktemp("unbroken"))
    checkout.snakemake(configfile=CONFIGFILE)
    return outputs(checkout)


def in_masks(results: Path) -> bool:
    """The masks job has loaded its model and is at work."""
    return any("masks: " in log.read_text() for log in results.glob("logs/masks/train/*.log"))


def in_training(results: Path) -> bool:
    """Training has saved a state to resume from."""
    return any(results.glob("training/full-minvis/seed-0/unfinished.safetensors"))


def test_killed_again_and_again_equals_unbroken(unbroken: dict[str, str], tmp_path: Path) -> None:
    broken = make_tiny(tmp_path)
    results = results_of(broken)

    def kill_once(ready: Callable[[Path], bool], missing: str) -> None:
        assert kill_when(broken, lambda _: ready(results)).process.returncode < 0
        assert any((broken.folder / ".snakemake/locks").glob("*.lock"))
        assert not list(results.glob(missing))

    kill_once(in_masks, "masks/train/*.parquet")
    kill_once(in_training, "training/*/*/model.safetensors")
    finish(broken)
    assert differences(outputs(broken), unbroken) == []


def test_what_is_compared_is_of_every_stage(unbroken: dict[str, str]) -> None:
    stages = {path.split("/")[0] for path in unbroken}
    assert stages == {
        "plan",
        "toy",
        "images",
        "truth",
        "frames",
        "masks",
        "crops",
        "prototypes",
        "labels",
    } | {
        "training",
        "tracks",
        "evaluation",
        "exports",
        "report",
    }
