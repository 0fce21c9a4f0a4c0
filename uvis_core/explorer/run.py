"""What a results folder holds: splits, shards, variants, and which parts of the explorer they are enough for."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from uvis_core.io.atomic import read_json
from uvis_core.io.errors import UserError
from uvis_core.io.tables import read_metadata

SPLITS = ("train", "test")
STAGES = ("frames", "masks", "crops", "prototypes")
"""In the order in which they are made; each of them writes a table per shard."""
PARTS: Mapping[str, Sequence[str]] = {
    "Tune": ("frames", "masks", "crops", "prototypes"),
    "Search": ("frames", "masks", "crops", "prototypes"),
    "See": ("frames",),
    "Correct": ("frames", "masks", "crops", "prototypes"),
}
"""The stages that each part needs."""


@dataclass(frozen=True)
class SplitTables:
    """Tables of one split, one per shard of its plan and in the plan's order.

    Attributes:
        name: train or test.
        tables: By stage of ``STAGES``; only those stages whose tables are all there.
        labels: Labels tables by variant, likewise.
        tracks: Tracks tables by experiment and seed, likewise.
        truth: Table of truth, if there is one.
    """

    name: str
    tables: Mapping[str, Sequence[Path]]
    labels: Mapping[str, Sequence[Path]]
    tracks: Mapping[str, Sequence[Path]]
    truth: Path | None

    def missing(self, part: str) -> list[str]:
        """The stages that a part needs and that have not been finished for this split."""
        return [stage for stage in PARTS[part] if stage not in self.tables]


@dataclass(frozen=True)
class RunFolder:
    """A run, as far as it is finished.

    Attributes:
        path: ``results/<dataset>``.
        splits: By name, those of which at least the frames are known.
        class_names: Names by class id in the vocabulary's order; empty before the prototypes are made.
        centroids: Table of prototypes, if it is there.
    """

    path: Path
    splits: Mapping[str, SplitTables]
    class_names: Mapping[int, str]
    centroids: Path | None

    @property
    def dataset(self) -> str:
        """Name of the run."""
        return self.path.resolve().name

    def unavailable(self, part: str) -> str:
        """Why a part cannot be used with any split; empty where it can."""
        lacks = [split.missing(part) for split in self.splits.values()]
        if [] in lacks:
            return ""
        stage = min(lacks, key=len)[0]
        return (
            f"{part} reads the tables of the stage {stage}, which {self.path} does not have for every shard yet: "
            f"run `snakemake --cores 2 {stage}` with the configuration of that run, then start the explorer again"
        )

    def splits_for(self, part: str) -> list[str]:
        """The splits with which a part can be used."""
        return [name for name, split in self.splits.items() if not split.missing(part)]


def open_run(path: Path | str) -> RunFolder:
    """Look at a results folder; no table is read but the names of the classes.

    Args:
        path: ``results/<dataset>``.

    Raises:
        UserError: There is no such folder, it is no run, or not even its frames are finished.
    """
    path = Path(path)
    if not path.is_dir():
        near = sorted(str(one) for one in path.parent.glob("*/") if (one / "plan").is_dir())
        raise UserError(
            f"{path}: no such results folder",
            fix=f"give one of {', '.join(near)}"
            if near
            else "run the workflow first, or give results/<dataset>",
        )
    splits = {name: _split(path, name) for name in SPLITS if (path / "plan" / f"{name}.json").is_file()}
    if not splits:
        raise UserError(
            f"{path}: is no run, it has no plan/train.json",
            fix="give the folder results/<dataset> of a run that was started",
        )
    splits = {name: split for name, split in splits.items() if "frames" in split.tables}
    if not splits:
        raise UserError(
            f"{path}: the run has not finished the frames of any split, so there is nothing to look at yet",
            fix="let the workflow go on; `snakemake --cores 2 frames` makes them alone",
        )
    centroids = path / "prototypes" / "centroids.parquet"
    found = centroids.is_file()
    return RunFolder(path, splits, _class_names(centroids) if found else {}, centroids if found else None)


def _split(path: Path, name: str) -> SplitTables:
    index = path / "plan" / f"{name}.json"
    content = read_json(index)
    shards = content.get("shards") if isinstance(content, dict) else None
    if not isinstance(shards, dict) or not shards:
        raise UserError(
            f"{index}: lists no shards", fix="run the workflow's dry run, which makes the plan anew"
        )

    def tables(folder: Path) -> list[Path]:
        paths = [folder / name / f"{shard}.parquet" for shard in shards]
        return paths if all(one.is_file() for one in paths) else []

    def named(folders: Sequence[Path], above: Path) -> dict[str, list[Path]]:
        found = {str(folder.relative_to(above)): tables(folder) for folder in sorted(folders)}
        return {variant: paths for variant, paths in found.items() if paths}

    truth = path / "truth" / f"{name}.parquet"
    stages = {stage: tables(path / stage) for stage in STAGES}
    return SplitTables(
        name,
        {stage: paths for stage, paths in stages.items() if paths},
        named(list((path / "labels").glob("*/")), path / "labels"),
        named(list((path / "tracks").glob("*/seed-*/")), path / "tracks"),
        truth if truth.is_file() else None,
    )


def _class_names(centroids: Path) -> dict[int, str]:
    """Names by class id, as the prototypes carry them."""
    try:
        entries = json.loads(read_metadata(centroids)["classes"])
        return {int(entry["class_id"]): str(entry["name"]) for entry in entries}
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise UserError(
            f"{centroids}: does not name the classes ({error})",
            fix="delete the file and run the workflow again; its stage makes it anew",
        ) from error
