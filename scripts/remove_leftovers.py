"""List and remove the results of shards that no plan names any more."""

import argparse
from pathlib import Path

from uvis_core.frames.plan import read_index
from uvis_core.io.errors import UserError
from uvis_core.jobs import run_job
from uvis_core.leftovers import find_leftovers


def main(arguments: argparse.Namespace) -> None:
    """Remove what the plans do not name."""
    results = Path(arguments.results)
    if not results.is_dir():
        raise UserError(f"{results}: no such folder", fix="give the folder of a run, such as results/toy")
    plans = {}
    for path in map(Path, arguments.plans):
        index = read_index(path)
        if index is None:
            raise UserError(f"{path}: no plan, so nothing is removed", fix="run the workflow's dry run first")
        own = results / "plan" / path.name
        if read_index(own) not in (None, index):
            raise UserError(
                f"{path}: is not the plan of these results, so nothing is removed", fix=f"give {own}"
            )
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
