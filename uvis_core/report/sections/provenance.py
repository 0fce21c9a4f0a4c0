"""Section of the provenance: configuration, libraries, and what the tables say of their making."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from uvis_core.io.table_checks import json_entry
from uvis_core.io.tables import read_metadata
from uvis_core.jobs import library_versions


@dataclass(frozen=True)
class Stamp:
    """What the tables of one stage carry about their making; empty where they carry nothing."""

    stage: str
    code: str
    settings: Mapping[str, Any]

    @property
    def settings_text(self) -> str:
        """The settings as YAML."""
        return as_yaml(self.settings, 80) if self.settings else ""


def facts(stamps: Sequence[Stamp], configuration: Mapping[str, Any]) -> dict[str, Any]:
    """What the section shows.

    Args:
        stamps: Of every stage.
        configuration: The whole configuration; empty if it is not known.
    """
    return {
        "stamps": stamps,
        "configuration": as_yaml(configuration, 88) if configuration else "",
        "libraries": library_versions(),
    }


def read_stamps(tables: Mapping[str, Sequence[str]]) -> list[Stamp]:
    """Read the stamp of each stage from the first of its tables; all shards of a stage carry the same.

    Args:
        tables: Table files by stage.
    """
    stamps = []
    for stage, paths in tables.items():
        if paths:
            metadata = read_metadata(paths[0])
            settings = json_entry(paths[0], {"settings": "{}", **metadata}, "settings", dict)
            stamps.append(Stamp(stage, metadata.get("code", ""), settings))
    return stamps


def settings_of(stamps: Sequence[Stamp], stage: str) -> Mapping[str, Any]:
    """The settings that the tables of a stage were made with; empty where there are none."""
    return next((stamp.settings for stamp in stamps if stamp.stage == stage), {})


def as_yaml(settings: Mapping[str, Any], width: int) -> str:
    """Settings as they would stand in config.yaml, in lines of about so many characters."""
    return yaml.safe_dump(dict(settings), sort_keys=False, allow_unicode=True, width=width).rstrip()
