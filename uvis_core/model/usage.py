"""How a model is meant to be used: kept in its ``config.json``, so that whoever has the file needs no more."""

from pathlib import Path
from typing import Any

from pydantic import Field

from uvis_core.config.base import Settings, validated
from uvis_core.io.atomic import read_json

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
    config_path = Path(path).with_name(CONFIG_NAME)
    config: Any = read_json(config_path)
    entry = config.get(CONFIG_KEY) if isinstance(config, dict) else None
    if not isinstance(entry, dict) or USAGE_KEY not in entry:
        return None
    return validated(ModelUsage, entry[USAGE_KEY], str(config_path))
