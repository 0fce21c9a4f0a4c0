"""Results of shards that no plan names any more: found, told, and removed only when asked."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from uvis_core.frames.plan import Index

SHOWN = 3
SUFFIXES = (".parquet", ".tsv", ".device.json", ".json")
WITHOUT_TABLES = frozenset({"images", "toy", "plan", "logs", "report", "exports", ".snakemake"})


def find_leftovers(results: Path | str, plans: Mapping[str, Index]) -> list[Path]:
    """Files of shards that are not planned, such as those of ``shard-01-of-02`` after a change to three shards.

    Args:
        results: The run's folder; files lie in it as ``…/{split}/{shard}.parquet``.
        plans: Split to its plan; a split without a plan has no shards.

    Returns:
        Paths in order.
    """
    found = []
    for folder, folders, files in os.walk(results):
        folders[:] = [name for name in folders if name not in WITHOUT_TABLES]
        planned = plans.get(Path(folder).name, {})
        for name in files:
            shard = next((name.removesuffix(suffix) for suffix in SUFFIXES if name.endswith(suffix)), "")
            if shard.startswith("shard-") and "-of-" in shard and shard not in planned:
                found.append(Path(folder, name))
    return sorted(found)


def leftovers_text(leftovers: Iterable[Path]) -> str:
    """A note that names them and what removes them."""
    paths = list(leftovers)
    named = ", ".join(map(str, paths[:SHOWN])) + (", …" if len(paths) > SHOWN else "")
    return (
        f"Note: {len(paths)} files of shards that are no longer planned lie beside the results: {named}\n"
        "  no job reads them, but whoever reads a whole folder does; `snakemake --cores 1 leftovers` removes what its "
        "configuration does not plan, so "
        "give it the --configfile and --config of this very run"
    )
