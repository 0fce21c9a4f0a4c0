"""Lines for the command line that try another threshold."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from uvis_core.config.base import flag_value


@dataclass(frozen=True)
class LabelsVariant:
    """The labels variant that a page shows.

    Attributes:
        name: As the configuration names it.
        objectness_floor: Least objectness of a stored mask; a lower threshold is refused.
    """

    name: str
    objectness_floor: float

    def line(self, thresholds: Mapping[str, Any]) -> str:
        """What to add to the command of the run, so that it goes by these thresholds."""
        return shlex.join(["--config", f"labels={flag_value({'variants': {self.name: dict(thresholds)}})}"])

    def class_line(self, name: str, thresholds: Mapping[str, Any]) -> str:
        """The same for the thresholds of one class."""
        return self.line({"classes": {name: dict(thresholds)}})


def labels_variant(configuration: Mapping[str, Any]) -> LabelsVariant | None:
    """The labels variant of a run's main experiment; None where the configuration does not say."""
    try:
        main = configuration["experiments"][configuration["run"][0]]
        return LabelsVariant(main["labels"], configuration["masks"]["objectness_floor"])
    except (KeyError, IndexError, TypeError):
        return None
