"""Search all readers for inputs on which they break, one after the other, and print a table."""

import argparse
import sys
from pathlib import Path

from tests.fuzz.lane import AREAS, Outcome, search, targets_of


def main() -> None:
    """Parse the command line and search; status 1 where anything broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60, help="for all targets together (default: 60)")
    parser.add_argument("--only", metavar="NAME", action="append", help="this target alone; may be repeated")
    parser.add_argument("--seed", type=int, default=0, help="other seeds give other inputs (default: 0)")
    parser.add_argument(
        "--keep",
        type=Path,
        default=Path("build/fuzz"),
        help="where inputs that break go (default: build/fuzz)",
    )
    arguments = parser.parse_args()
    targets = [(area, target) for area in AREAS for target in targets_of(area)]
    names = [target.name for _, target in targets]
    if unknown := set(arguments.only or ()) - set(names):
        parser.error(f"no target {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    chosen = [entry for entry in targets if not arguments.only or entry[1].name in arguments.only]
    print("| target | what is read | inputs tried | breaks found | seconds |\n|---|---|---|---|---|")
    total = Outcome()
    for area, target in chosen:
        found = search(
            area,
            target.name,
            seed=arguments.seed,
            seconds=60 * arguments.minutes / len(chosen),
            folder=arguments.keep / target.name,
        )
        print_row(target.name, target.what, found)
        for number, (place, trace) in enumerate(found.breaks.items(), 1):
            print(
                f"{arguments.keep}/{target.name}/{number:02d}: {place}\n{trace}", file=sys.stderr, flush=True
            )
        total.tried += found.tried
        total.seconds += found.seconds
        total.breaks |= {f"{target.name}: {place}": trace for place, trace in found.breaks.items()}
    print_row("all", "", total)
    sys.exit(bool(total.breaks))


def print_row(name: str, what: str, found: Outcome) -> None:
    """One row of the table."""
    print(f"| {name} | {what} | {found.tried:,} | {len(found.breaks)} | {found.seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main()
