"""Where the results come from, as the tables themselves say: code digests and settings."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

from uvis_core.io.tables import read_metadata
from uvis_core.report.funnel import SCORES


@dataclass(frozen=True)
class Stamp:
    """What the tables of one stage carry about their making; empty where they carry nothing."""

    stage: str
    code: str
    settings: Mapping[str, object]

    @property
    def settings_text(self) -> str:
        """The settings as YAML."""
        return (
            yaml.safe_dump(dict(self.settings), sort_keys=False, allow_unicode=True).rstrip()
            if self.settings
            else ""
        )


def read_stamps(tables: Mapping[str, Sequence[str]]) -> list[Stamp]:
    """Read the stamp of each stage from the first of its tables; all shards of a stage carry the same.

    Args:
        tables: Table files by stage.
    """
    stamps = []
    for stage, paths in tables.items():
        if paths:
            metadata = read_metadata(paths[0])
            stamps.append(Stamp(stage, metadata.get("code", ""), json.loads(metadata.get("settings", "{}"))))
    return stamps


def thresholds(stamps: Sequence[Stamp]) -> dict[str, float]:
    """The thresholds by score that the labels tables say they were made with."""
    settings = next((stamp.settings for stamp in stamps if stamp.stage == "labels"), {})
    return {score: value for score in SCORES if isinstance(value := settings.get(score), int | float)}
