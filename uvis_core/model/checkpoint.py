"""Saving and loading the segmentation network, strictly.

A checkpoint is ``X.safetensors`` and ``config.json`` beside it, in the layout of the transformers library, so
that ``Mask2FormerForUniversalSegmentation.from_pretrained(folder)`` opens it as well.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, get_args

import torch
from torch import Tensor

from uvis_core.config.base import validated
from uvis_core.config.model import ModelSettings, Recipe
from uvis_core.io.atomic import read_json_object, write_json
from uvis_core.io.errors import UserError
from uvis_core.io.weights import load_strict, read_state_dict, write_state_dict
from uvis_core.model.keys import without
from uvis_core.model.minvis import MinVIS
from uvis_core.model.usage import CONFIG_KEY, CONFIG_NAME, USAGE_KEY, ModelUsage

MODEL_NAME = "model.safetensors"
CLASS_HEAD = "class_predictor."
CRITERION = "criterion."
RECIPE_KEY = "recipe"


class ModelConfig(NamedTuple):
    """What ``config.json`` says of a checkpoint.

    Attributes:
        settings: Sizes of the network.
        class_ids: Data set id of each class, in the order of the class logits.
        recipe: How it was trained; models of versions that knew one recipe do not say, and are of MinVIS.
    """

    settings: ModelSettings
    class_ids: tuple[int, ...]
    recipe: Recipe


def save_checkpoint(model: MinVIS, path: Path | str, usage: ModelUsage | None = None) -> None:
    """Write the weights to ``path`` (.safetensors) and ``config.json`` beside it, each atomically.

    Args:
        model: The network.
        path: The weights.
        usage: How it is meant to be used, where that is known.
    """
    path = Path(path)
    config = model.network.config.to_dict()
    config["architectures"] = [type(model.network).__name__]
    config[CONFIG_KEY] = {
        "model": model.settings.model_dump(mode="json"),
        "class_ids": list(model.class_ids),
        RECIPE_KEY: model.recipe,
    }
    if usage is not None:
        config[CONFIG_KEY][USAGE_KEY] = usage.model_dump(mode="json")
    write_json(path.with_name(CONFIG_NAME), config, indent=1)
    write_state_dict(path, model.network.state_dict(), {"format": "pt"})


def read_config(path: Path | str) -> ModelConfig:
    """What the ``config.json`` beside it says of the checkpoint ``path``.

    Raises:
        UserError: There is no such checkpoint or no such file beside it, or ``save_checkpoint`` did not write it.
    """
    path = Path(path)
    config_path = path.with_name(CONFIG_NAME)
    again = "use a checkpoint of the training stage, or convert one with scripts/convert_checkpoint.py"
    if path.is_dir():
        raise UserError(f"{path}: is a folder", fix=f"name the checkpoint in it, such as {path / MODEL_NAME}")
    if not path.is_file():
        raise UserError(f"{path}: no such checkpoint", fix=again)
    if not config_path.exists():
        raise UserError(
            f"{path}: has no {CONFIG_NAME} beside it, which tells the model's sizes and classes",
            fix=f"copy the {CONFIG_NAME} that was written with it to {config_path}; a published checkpoint has "
            "none and is converted with scripts/convert_checkpoint.py",
        )
    entry = read_json_object(config_path).get(CONFIG_KEY)
    if not isinstance(entry, dict) or set(entry) - {USAGE_KEY, RECIPE_KEY} != {"model", "class_ids"}:
        raise UserError(
            f"{config_path}: does not describe a model of this project (key {CONFIG_KEY!r})", fix=again
        )
    class_ids = entry["class_ids"]
    if (
        not isinstance(class_ids, list)
        or not all(isinstance(number, int) for number in class_ids)
        or not len(set(class_ids)) == len(class_ids) > 0
    ):
        raise UserError(f"{config_path}: class_ids are {class_ids!r}", fix=again)
    recipe = entry.get(RECIPE_KEY, "minvis")
    if recipe not in get_args(Recipe):
        raise UserError(
            f"{config_path}: {RECIPE_KEY} is {recipe!r}, which this version does not know",
            fix=f"update this program, or put there what it was trained by: {', '.join(get_args(Recipe))}",
        )
    return ModelConfig(validated(ModelSettings, entry["model"], str(config_path)), tuple(class_ids), recipe)


def load_checkpoint(path: Path | str) -> MinVIS:
    """Build the model that a checkpoint describes and load its weights; evaluation mode, on the CPU.

    Raises:
        UserError: Files are missing or damaged, or a tensor is missing, unexpected or of another shape.
    """
    settings, class_ids, recipe = read_config(path)
    state = read_state_dict(path)
    _check_sizes(settings, state, path)
    model = MinVIS(settings, class_ids, recipe=recipe)
    load_strict(model.network, state, path)
    return model


def _check_sizes(settings: ModelSettings, state: Mapping[str, Tensor], path: Path | str) -> None:
    """Refuse sizes that cannot be the file's, before a model of them takes all memory."""
    largest = max(len(state), *(size for tensor in state.values() for size in tensor.shape), 0)
    for key, value in settings.model_dump().items():
        numbers = value if isinstance(value, tuple) else (value,)
        if any(isinstance(number, int) and number > largest for number in numbers):
            raise UserError(
                f"{Path(path).with_name(CONFIG_NAME)}: {key} is {value}, but no tensor of {path} is as large",
                fix=f"put back the {CONFIG_NAME} that was written with it",
            )


def load_initial(model: MinVIS, path: Path | str) -> None:
    """Start ``model`` from a checkpoint of the same sizes, whatever its classes and its recipe.

    Classes of the same ids keep their head. From a model of a single class ("object"), every class starts near
    that class with an equal share of its probability: what is an object is kept, which one is to be learned.
    From any other classes the head starts anew.

    Raises:
        UserError: The sizes differ (names the keys), or a tensor does not fit.
    """
    settings, class_ids, _ = read_config(path)
    wanted = model.settings.model_dump()
    differing = [
        f"{key} {value} instead of {wanted[key]}"
        for key, value in settings.model_dump().items()
        if value != wanted[key]
    ]
    if differing:
        raise UserError(
            f"{path}: the initial model has other sizes: {'; '.join(differing)}",
            fix="set the model's sizes in the configuration to these, or train without an initial model",
        )
    state = read_state_dict(path)
    if class_ids != model.class_ids:
        # The criterion's buffer is as long as the list of classes and is never read here.
        state = without(state, [CRITERION])
        if len(class_ids) == 1:
            state = shared_class_head(state, model.network.state_dict())
            load_strict(model.network, state, path, reinitialise=[CRITERION])
        else:
            load_strict(model.network, state, path, reinitialise=[CRITERION, CLASS_HEAD])
    else:
        load_strict(model.network, state, path)


def shared_class_head(state: Mapping[str, Tensor], fresh: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Turn the head of a one-class model into one of C classes with about the same total probability.

    The softmax over C equal logits and "no object" gives "no object" what it had before if each of the C is
    lowered by log C. Each class is then moved as far as a fresh head's row lies from the mean of its rows: equal rows
    would give the query decoder no gradient that tells classes apart until the head itself has grown different.

    Args:
        state: Tensors of the one-class model.
        fresh: Tensors of a model of C classes with random weights.
    """
    names = (CLASS_HEAD + "weight", CLASS_HEAD + "bias")  # (2, D), (2,)
    if not set(names) <= state.keys():
        return dict(state)  # Loading names what is missing.
    head = {}
    for name, lowered_by in zip(names, (0.0, math.log(len(fresh[names[0]]) - 1)), strict=True):
        rows = fresh[name][:-1]
        head[name] = torch.cat([state[name][:1] - lowered_by + rows - rows.mean(0), state[name][1:]])
    return {**state, **head}
