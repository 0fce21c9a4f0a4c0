"""How a model is meant to be used: kept in its ``config.json``, so that whoever has the file needs no more."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from pydantic import Field

from uvis_core.config.base import Settings, validated
from uvis_core.io.atomic import read_json
from uvis_core.io.errors import UserError

CONFIG_NAME = "config.json"
CONFIG_KEY, USAGE_KEY = "uvis", "usage"


class ModelUsage(Settings):
    """What a trained model was trained and tested with."""

    class_names: tuple[str, ...] = Field(description="Names of the classes, in the order of the class ids.")
    tracks: dict[str, Any] = Field(
        description="How it was tested: settings of the tracks stage, such as the short side of the frames and lambda."
    )


def read_usage(path: Path | str) -> ModelUsage | None:
    """What the ``config.json`` beside a checkpoint says of its use; None where it says nothing.

    Raises:
        UserError: There is no such file, or what it says is wrong.
    """
    entry = _entry(path)
    if USAGE_KEY not in entry:
        return None
    return validated(ModelUsage, entry[USAGE_KEY], str(Path(path).with_name(CONFIG_NAME)))


def check_vocabulary(path: Path | str, class_ids: Collection[int]) -> None:
    """Refuse a model with classes that have no name, before it tracks for hours; one that is not there yet passes.

    Args:
        path: The checkpoint.
        class_ids: Those of the vocabulary.

    Raises:
        UserError: Names the classes.
    """
    if not Path(path).with_name(CONFIG_NAME).is_file():
        return
    unnamed = sorted(set(_entry(path).get("class_ids", ())) - set(class_ids))
    if unnamed:
        raise UserError(
            f"{path}: the model has classes {unnamed}, which are not in the vocabulary",
            fix="give the vocabulary that the model was trained with",
        )


def _entry(path: Path | str) -> dict[str, Any]:
    config = read_json(Path(path).with_name(CONFIG_NAME))
    entry = config.get(CONFIG_KEY) if isinstance(config, dict) else None
    return entry if isinstance(entry, dict) else {}
