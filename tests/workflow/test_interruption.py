"""A run killed at the worst moments, each time resumed by the documented command, equals an unbroken run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workflow.kills import (
    CONFIGFILE,
    Start,
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


def in_evaluation(results: Path) -> bool:
    """Everything is there but the last figures and the page."""
    return any(results.glob("logs/evaluation/full-minvis-memory/seed-0/*.log"))


def test_killed_again_and_again_equals_unbroken(unbroken: dict[str, str], tmp_path: Path) -> None:
    broken = make_tiny(tmp_path)
    results = results_of(broken)

    def kill_once(ready: Callable[[Start], bool], missing: str) -> None:
        assert kill_when(broken, ready).process.returncode < 0
        assert any((broken.folder / ".snakemake/locks").glob("*.lock"))
        assert not list(results.glob(missing))

    kill_once(lambda start: start.started, "truth/*.parquet")
    kill_once(lambda _: in_masks(results), "masks/train/*.parquet")
    kill_once(lambda _: in_training(results), "training/*/*/model.safetensors")
    kill_once(lambda _: in_evaluation(results), "report/index.html")
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
