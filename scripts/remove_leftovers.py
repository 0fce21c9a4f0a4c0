"""List and remove the results of shards that no plan names any more."""

import argparse
from pathlib import Path

from uvis_core.frames.plan import read_index
from uvis_core.io.errors import UserError
from uvis_core.jobs import run_job
from uvis_core.leftovers import find_leftovers


def main(arguments: argparse.Namespace) -> None:
    """Remove what the plans do not name."""
    plans = {}
    for path in map(Path, arguments.plans):
        index = read_index(path)
        if index is None:
            raise UserError(f"{path}: no plan, so nothing is removed", fix="run the workflow's dry run first")
        plans[path.stem] = index
    leftovers = find_leftovers(arguments.results, plans)
    for path in leftovers:
        path.unlink()
        print(f"removed {path}")
    print(f"{len(leftovers)} files removed")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", required=True, metavar="FOLDER", help="results/<dataset>")
    parser.add_argument(
        "--plans", required=True, nargs="+", metavar="FILE", help="indices of the plans of all splits (JSON)"
    )
    run_job(main, parser)
