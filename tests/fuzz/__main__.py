"""Search all readers for inputs on which they break, one after the other, and print a table."""

import argparse
import sys
from pathlib import Path

from tests.fuzz.areas import AREAS
from tests.fuzz.lane import Outcome, search


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
    names = [name for area in AREAS.values() for name in area]
    if unknown := set(arguments.only or ()) - set(names):
        parser.error(f"no target {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    chosen = [name for name in names if not arguments.only or name in arguments.only]
    print("| target | what is read | inputs tried | breaks found | seconds |\n|---|---|---|---|---|")
    total = Outcome()
    for area, targets in AREAS.items():
        for name, what in targets.items():
            if name in chosen:
                seconds = 60 * arguments.minutes / len(chosen)
                found = search(area, name, seed=arguments.seed, seconds=seconds, folder=arguments.keep / name)
                print_row(name, what, found)
                print_breaks(arguments.keep / name, found)
                total.tried += found.tried
                total.seconds += found.seconds
                total.breaks |= {f"{name}: {place}": trace for place, trace in found.breaks.items()}
    print_row("all", "", total)
    sys.exit(bool(total.breaks))


def print_row(name: str, what: str, found: Outcome) -> None:
    """One row of the table."""
    print(f"| {name} | {what} | {found.tried:,} | {len(found.breaks)} | {found.seconds:.0f} |", flush=True)


def print_breaks(folder: Path, found: Outcome) -> None:
    """What broke the reader, and where the input lies."""
    for number, (place, trace) in enumerate(found.breaks.items(), 1):
        print(f"{folder}/{number:02d}: {place}\n{trace}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
