"""Kills a whole run of the workflow at random moments, resumes it each time, and compares all that it made.

    python benchmarks/killed.py --times 100 --kills-per-run 10

A tiny run with all stages, training on one thread, is made once without a break. Then the same run is started from
nothing again and again; its whole process group gets SIGKILL several times on the way, and each time it is resumed by
the documented command (``snakemake --unlock`` where a lock was left, ``snakemake --cores 2 --rerun-incomplete``). Then
every file must equal that of the unbroken run byte for byte, but logs, Snakemake's and TensorBoard's measurements,
and the report's table of the former, and nothing may be left to do. The moments are drawn over the whole length of the
unbroken run, start-up, writing of tables and report included: as so many finished jobs and so many seconds more, since
a resumed run is longer. Prints a Markdown table, and writes it anew after every run. Ends with status 1 where a run
differs.
"""

import argparse
import bisect
import math
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

# Python looks in the folder of a script, not in the one above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.workflow.conftest import Checkout
from tests.workflow.kills import (
    Start,
    differences,
    finish,
    kill_when,
    make_tiny,
    outputs,
    results_of,
    stage_of_rule,
    stages_at,
)
from uvis_core.io.atomic import write_text


@dataclass(frozen=True)
class Timeline:
    """When the unbroken run started its first job, finished each job, and ended: seconds since it was started."""

    first_s: float
    finished_s: list[float]
    end_s: float


@dataclass(frozen=True)
class Moment:
    """So many seconds after so many jobs were finished; after the start, where that is None."""

    finished: int | None
    seconds: float


@dataclass
class Tally:
    """What came of the kills."""

    stages: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    runs: int = 0
    unequal: list[str] = field(default_factory=list)


def unbroken_timeline(checkout: Checkout) -> Timeline:
    """Run without a break, and note when what happened."""
    started = time.perf_counter()
    first: list[float] = []
    finished: list[float] = []

    def note(start: Start) -> bool:
        now = time.perf_counter() - started
        if start.started and not first:
            first.append(now)
        finished.extend([now] * (start.done - len(finished)))
        return False

    start = kill_when(checkout, note, math.inf)
    note(start)
    return Timeline(first[0], finished, time.perf_counter() - started)


def draw_moments(timeline: Timeline, count: int, random_state: random.Random) -> list[Moment]:
    """Moments spread evenly over the run, in order; those in the start-up come before any of the others."""
    early, later = [], []
    for _ in range(count):
        moment_s = random_state.uniform(0, timeline.end_s)
        if moment_s < timeline.first_s:
            early.append(Moment(None, moment_s))
            continue
        finished = bisect.bisect_right(timeline.finished_s, moment_s)
        since = timeline.finished_s[finished - 1] if finished else timeline.first_s
        later.append(Moment(finished, moment_s - since))
    moments = sorted(later, key=lambda moment: (moment.finished, moment.seconds))
    # A run that goes on starts up too.
    for moment in early:
        moments.insert(random_state.randint(0, len(moments)), moment)
    return moments


def kill_at(checkout: Checkout, moment: Moment, jobs: int) -> Start:
    """Go on with a run of so many jobs, and kill it at a moment."""
    since: list[float] = [] if moment.finished is not None else [time.perf_counter()]

    def reached(start: Start) -> bool:
        under_way = moment.finished is not None and start.started and start.jobs is not None
        if under_way and not since and jobs - start.jobs + start.done >= moment.finished:
            since.append(time.perf_counter())
        return bool(since) and time.perf_counter() - since[0] >= moment.seconds

    return kill_when(checkout, reached, math.inf)


def broken_run(
    checkout: Checkout, moments: list[Moment], jobs: int, stages: dict[str, str], tally: Tally, limit: int
) -> None:
    """One run from nothing with its kills; the tally has them."""
    for folder in ("results", ".snakemake"):
        shutil.rmtree(checkout.folder / folder, ignore_errors=True)
    for moment in moments:
        if tally.kills == limit:
            break
        start = kill_at(checkout, moment, jobs)
        if start.process.returncode == 0:
            # It ended before that moment came.
            break
        tally.kills += 1
        tally.stages.update(stages_at(start, stages))
    finish(checkout)
    tally.runs += 1


def table(tally: Tally, seed: int, files: int) -> str:
    """The tally as Markdown."""
    rows = [f"| {stage} | {count} |" for stage, count in tally.stages.most_common()]
    equal = tally.runs - len(tally.unequal)
    return "\n".join(
        [
            "| a job ran of stage | kills |",
            "|---|---|",
            *rows,
            f"| **all kills** (at some, two jobs ran) | {tally.kills} |",
            "",
            f"{tally.runs} runs, seed {seed}; {equal} of {tally.runs} equal in all {files} files.",
            *tally.unequal,
            "",
        ]
    )


def main(arguments: argparse.Namespace) -> None:
    """Kill and compare as the arguments say."""
    stages, tally, random_state = stage_of_rule(), Tally(), random.Random(arguments.seed)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        checkout = make_tiny(Path(name))
        timeline = unbroken_timeline(checkout)
        wanted, jobs = outputs(checkout), len(timeline.finished_s)
        print(f"unbroken: {jobs} jobs, {timeline.end_s:.0f} s, {len(wanted)} files", file=sys.stderr)
        while tally.kills < arguments.times:
            moments = draw_moments(timeline, arguments.kills_per_run, random_state)
            broken_run(checkout, moments, jobs, stages, tally, arguments.times)
            if different := differences(outputs(checkout), wanted):
                tally.unequal.append(f"Run {tally.runs} differs in {', '.join(different)}.")
                kept = Path(arguments.folder or tempfile.gettempdir(), f"unequal-{tally.runs}")
                results_of(checkout).rename(kept)
                print(f"run {tally.runs} differs, kept in {kept}: {different}", file=sys.stderr)
            print(f"run {tally.runs}: {tally.kills} kills so far", file=sys.stderr)
            if arguments.table:
                write_text(arguments.table, table(tally, arguments.seed, len(wanted)))
    print(table(tally, arguments.seed, len(wanted)))
    sys.exit(bool(tally.unequal))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=100, help="kills in all (default: 100)")
    parser.add_argument(
        "--kills-per-run", type=int, default=10, help="moments drawn for each run (default: 10)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the moments (default: 0)")
    parser.add_argument(
        "--folder", type=Path, help="where to run (default: the system's folder for such files)"
    )
    parser.add_argument("--table", type=Path, help="Markdown file to write after every run")
    main(parser.parse_args())
