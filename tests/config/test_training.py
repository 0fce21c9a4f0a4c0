from typing import Any

import pytest

from uvis_core.config.base import validated
from uvis_core.config.faults import Misfit
from uvis_core.config.training import TrainingSettings, TrainingVariant, check_processes
from uvis_core.io.errors import UserError


@pytest.mark.parametrize(
    ("steps", "decay_steps", "words", "fix"),
    [
        (100, [50, 100], "decay_steps: 100 is never reached, the training ends after 100 steps", "below 100"),
        (100, [200], "decay_steps: 200 is never reached", "[]"),
        (100, [50, 40], "decay_steps: [50, 40] do not ascend", "[40, 50]"),
        (100, [50, 50], "decay_steps: [50, 50] do not ascend", "[50]"),
    ],
)
def test_the_rate_decays_while_the_training_runs(
    steps: int, decay_steps: list[int], words: str, fix: str
) -> None:
    with pytest.raises(UserError) as caught:
        validated(TrainingSettings, {"steps": steps, "decay_steps": decay_steps}, "config.yaml")
    assert words in caught.value.message
    assert fix in caught.value.fix


@pytest.mark.parametrize("decay_steps", [(), (99,), (1, 2, 99)])
def test_decays_that_are_reached(decay_steps: tuple[int, ...]) -> None:
    assert TrainingSettings(steps=100, decay_steps=decay_steps).decay_steps == decay_steps


def test_a_given_model_is_not_trained() -> None:
    assert TrainingSettings(checkpoint="model.safetensors").checkpoint == "model.safetensors"
    with pytest.raises(UserError) as caught:
        validated(
            TrainingSettings, {"checkpoint": "model.safetensors", "steps": 5, "flip": 0.1}, "config.yaml"
        )
    assert "steps, flip say how" in caught.value.message
    assert "initial" in caught.value.fix


@pytest.mark.parametrize(("gpus", "nodes"), [(0, 1), (1, 1), (4, 1), (0, 2), (2, 4), (8, 1)])
def test_processes_that_share_a_batch_of_eight(gpus: int, nodes: int) -> None:
    check_processes("training.variants.x", TrainingSettings(batch_size=8), gpus, nodes)


@pytest.mark.parametrize(
    ("gpus", "nodes", "words", "fitting"),
    [(3, 1, "8 frames .* by 3 processes", 9), (0, 3, "by 3 processes", 9), (5, 2, "by 10 processes", 10)],
)
def test_processes_that_do_not(gpus: int, nodes: int, words: str, fitting: int) -> None:
    with pytest.raises(Misfit, match=words) as caught:
        check_processes("training.variants.x", TrainingSettings(batch_size=8), gpus, nodes)
    assert str(caught.value).startswith("training.variants.x.batch_size: 8 ")
    assert caught.value.fix.endswith(f"such as {fitting}")


@pytest.mark.parametrize(
    ("values", "words", "fix"),
    [
        (
            {"start": "images", "initial": "a.safetensors"},
            "start: 'images', but initial names",
            "one of them",
        ),
        ({"clip": {"frames": 2}}, "clip: is read by recipe videocutler alone", "set recipe to videocutler"),
        (
            {"recipe": "videocutler", "jitter": {"size_px": 64}},
            "jitter: is read by recipe image alone, but recipe is videocutler",
            "take jitter out",
        ),
        ({"checkpoint": "model.safetensors", "recipe": "image"}, "but recipe say how", "initial"),
    ],
)
def test_settings_that_do_not_fit_the_recipe(values: dict[str, Any], words: str, fix: str) -> None:
    with pytest.raises(UserError) as caught:
        validated(TrainingVariant, values, "config.yaml")
    assert words in caught.value.message
    assert fix in caught.value.fix
