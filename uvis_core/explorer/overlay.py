"""Thresholds as a file for --configfile, the command that makes them real, and what it would make anew."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from uvis_core.config.base import validated
from uvis_core.config.labels import ClassThresholds, LabelsSettings
from uvis_core.explorer.run import RunFolder
from uvis_core.io.atomic import write_text
from uvis_core.io.errors import UserError
from uvis_core.io.tables import read_metadata

FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\.yaml")
HEAD = """# Thresholds of the labels variant {variant}, chosen in the explorer. Laid over the configuration of the run:
#   {command}
"""


def variant_settings(run: RunFolder) -> dict[str, LabelsSettings]:
    """The thresholds of every labels variant that the run has made, as its tables carry them.

    Raises:
        UserError: A table is damaged.
    """
    found: dict[str, LabelsSettings] = {}
    for split in run.splits.values():
        for variant, paths in split.labels.items():
            if variant not in found:
                values = json.loads(read_metadata(paths[0]).get("settings", "{}"))
                known = {key: value for key, value in values.items() if key in LabelsSettings.model_fields}
                found[variant] = validated(LabelsSettings, known, f"settings in {paths[0]}")
    return found


def overlay_values(variant: str, settings: LabelsSettings, made_with: LabelsSettings) -> dict[str, Any]:
    """What the file holds: thresholds alone.

    A class's threshold that is taken back is null there, because files are laid over each other key by key.

    Args:
        variant: Name of the labels variant.
        settings: The thresholds wanted.
        made_with: Those that the run has.
    """
    criteria = ("objectness", "class_score", "similarity", "min_area_share")
    classes: dict[str, dict[str, float | None]] = {}
    for name in [*made_with.classes, *(one for one in settings.classes if one not in made_with.classes)]:
        own = settings.classes.get(name, ClassThresholds()).model_dump(exclude_none=True)
        before = made_with.classes.get(name, ClassThresholds()).model_dump(exclude_none=True)
        if values := dict.fromkeys(before) | own:
            classes[name] = values
    thresholds: dict[str, Any] = {criterion: getattr(settings, criterion) for criterion in criteria}
    return {"labels": {"variants": {variant: thresholds | ({"classes": classes} if classes else {})}}}


def write_overlay(folder: Path, name: str, values: Mapping[str, Any], command: str) -> Path:
    """Write the file.

    Args:
        folder: Where it goes.
        name: Its name in that folder.
        values: From ``overlay_values``.
        command: From ``snakemake_command``.

    Raises:
        UserError: The name is no plain name of a .yaml file, or it cannot be written.
    """
    if not FILE_NAME.fullmatch(name):
        raise UserError(
            f"{name!r} is no name for the file",
            fix="use letters, digits, - and _, ending in .yaml; for another folder start with --output FOLDER",
        )
    variant = next(iter(values["labels"]["variants"]))
    text = HEAD.format(variant=variant, command=command) + yaml.safe_dump(dict(values), sort_keys=False)
    write_text(folder / name, text)
    return folder / name


def configuration_files(dataset: str, root: Path = Path()) -> list[str] | None:
    """The files that a run of this name is started with besides config.yaml; None where no file here names it.

    Args:
        dataset: Name of the run.
        root: Folder of the project.
    """
    files = [root / "config.yaml", *sorted((root / "presets").glob("*.yaml"))]
    for path in files:
        try:
            values = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError):
            continue
        if isinstance(values, dict) and values.get("dataset") == dataset:
            return [] if path is files[0] else [path.as_posix()]
    return None


def snakemake_command(overlay: Path, files: list[str] | None, target: str = "") -> str:
    """The command that runs with an overlay.

    Args:
        overlay: Its path.
        files: From ``configuration_files``.
        target: A stage's word, before which the run stops; all of the run if it is empty.
    """
    before = ["PRESETS_OF_YOUR_RUN"] if files is None else files
    # The target stands first, because --configfile takes all that follows it.
    words = ["snakemake", target, "--cores 2 --configfile", *before, overlay.as_posix()]
    return " ".join(filter(None, words))


def reruns(run: RunFolder, variant: str) -> list[str]:
    """What is made anew when a labels variant changes, in words: all that the run has made of it.

    Args:
        run: The run.
        variant: Of the labels.
    """
    labels = {split.name: len(paths) for split in run.splits.values() if (paths := split.labels.get(variant))}
    lines = [f"labels: {count} tables of {name}" for name, count in labels.items()]
    for stage, noun in (("training", "training"), ("tracks", "tracking"), ("evaluation", "figures")):
        folders = [path.name for path in (run.path / stage).glob(f"{variant}-*") if path.is_dir()]
        lines += [f"{stage}: {noun} of {name}" for name in sorted(folders)]
    lines += [
        f"{stage}: {stage} of the above" for stage in ("exports", "report") if (run.path / stage).is_dir()
    ]
    return lines
