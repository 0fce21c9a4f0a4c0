"""A whole run of the workflow that is killed without warning, and gone on with by the documented command."""

import hashlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import psutil
import yaml

from tests.workflow.conftest import ROOT, Checkout, copy_repository

# Every stage, each as small as it can be; training on one thread, whose sums come out the same to the last bit.
TINY = {
    "dataset": "tiny",
    "shards": 1,
    "toy": {"train_videos": 3, "test_videos": 2, "frames": 4},
    "prototypes": {"iterations": 5},
    "training": {
        "variants": {"minvis": {"steps": 24, "batch_size": 4, "decay_steps": [16], "checkpoint_steps": 4}}
    },
    "run": ["uvis"],
    "report": {"clips": 1, "extreme_clips": 1},
    "compute": {"training_threads": 1},
}
CONFIGFILE = "tiny.yaml"
# They hold times of day, seconds and the memory of jobs: what a log says, Snakemake's measurements, TensorBoard's copy.
OF_THE_CLOCK = {"logs", "benchmarks", "tensorboard"}
# The report's table of these measurements.
MEASURED = re.compile(rb'<section aria-labelledby="resources">.*?</section>', re.DOTALL)
STARTED = re.compile(r"^(?:local)?rule (\w+):\n(?:    .*\n)*?    jobid: (\d+)$", re.MULTILINE)
FINISHED = re.compile(r"^Finished jobid: (\d+) ", re.MULTILINE)
TOTAL = re.compile(r"^total +(\d+)$", re.MULTILINE)
LOOK_S = 0.02
PATIENCE_S = 1800


def make_tiny(folder: Path) -> Checkout:
    """A copy of the repository in which nothing has run yet."""
    checkout = copy_repository(folder)
    (folder / CONFIGFILE).write_text(yaml.safe_dump(TINY), encoding="utf-8")
    return checkout


def results_of(checkout: Checkout) -> Path:
    """Where a tiny run writes."""
    return checkout.folder / "results" / TINY["dataset"]


def outputs(checkout: Checkout) -> dict[str, str]:
    """Path below the results -> digest of the content, of all files but those of the clock."""
    results = results_of(checkout)
    return {
        str(path.relative_to(results)): _digest(path)
        for path in sorted(results.rglob("*"))
        if path.is_file() and not OF_THE_CLOCK.intersection(path.relative_to(results).parts)
    }


def _digest(path: Path) -> str:
    content = path.read_bytes()
    if path.suffix == ".html":
        content = MEASURED.sub(b"", content)
    return hashlib.sha256(content).hexdigest()


def differences(found: dict[str, str], wanted: dict[str, str]) -> list[str]:
    """Paths whose content is not the wanted one, which are missing, or which should not be there."""
    return sorted(path for path in found.keys() | wanted.keys() if found.get(path) != wanted.get(path))


def stage_of_rule() -> dict[str, str]:
    """Rule -> the stage whose file it stands in."""
    heading = re.compile(r"^(?:rule|use rule \w+ as) (\w+)", re.MULTILINE)
    return {
        rule: path.stem
        for path in sorted((ROOT / "rules").glob("*.smk"))
        for rule in heading.findall(path.read_text(encoding="utf-8"))
    }


class Start:
    """The workflow, started in a process group of its own; what it has printed tells how far it is."""

    def __init__(self, checkout: Checkout) -> None:
        self._log = checkout.folder / "driver.log"
        with self._log.open("w", encoding="utf-8") as stream:
            self.process = subprocess.Popen(
                checkout.command("--rerun-incomplete", configfile=CONFIGFILE),
                cwd=checkout.folder,
                env=checkout.environment(),
                start_new_session=True,
                stdout=stream,
                stderr=subprocess.STDOUT,
            )
        self.printed = ""

    def look(self) -> bool:
        """Read what was printed since; whether it still runs."""
        runs = self.process.poll() is None
        self.printed = self._log.read_text(encoding="utf-8", errors="replace")
        return runs

    @property
    def jobs(self) -> int | None:
        """How many jobs there were to do; None before it is known."""
        found = TOTAL.search(self.printed)
        return int(found[1]) if found else None

    @property
    def done(self) -> int:
        """How many of them are finished."""
        return len(FINISHED.findall(self.printed))

    @property
    def running(self) -> list[str]:
        """Rules of the jobs that run."""
        finished = set(FINISHED.findall(self.printed))
        return [rule for rule, number in STARTED.findall(self.printed) if number not in finished]

    @property
    def started(self) -> bool:
        """Whether a first job was started."""
        return STARTED.search(self.printed) is not None

    def kill(self) -> None:
        """End the driver, its jobs and their workers at once, and wait until none of them is left."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        while any(_in_group(process, self.process.pid) for process in psutil.process_iter()):
            time.sleep(LOOK_S)


def _in_group(process: psutil.Process, group: int) -> bool:
    try:
        return os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, psutil.Error):
        return False


def unlock(checkout: Checkout) -> None:
    """What the documentation asks for where a killed run has left its lock."""
    if any((checkout.folder / ".snakemake/locks").glob("*.lock")):
        checkout.snakemake("--unlock", configfile=CONFIGFILE)


def kill_when(checkout: Checkout, ready: Callable[[Start], bool], patience_s: float = PATIENCE_S) -> Start:
    """Start or resume the workflow, and kill it as soon as ``ready`` says so.

    Returns:
        What was started; it ended by itself where its process has the status 0.

    Raises:
        AssertionError: It failed, or the moment never came.
    """
    unlock(checkout)
    start = Start(checkout)
    deadline = time.monotonic() + patience_s
    try:
        while start.look():
            if ready(start):
                return start
            assert time.monotonic() < deadline, f"the moment to kill never came:\n{start.printed}"
            time.sleep(LOOK_S)
    finally:
        start.kill()
    assert start.process.returncode == 0, start.printed
    return start


def finish(checkout: Checkout) -> None:
    """Resume a run and let it end; nothing is left to do then."""
    unlock(checkout)
    checkout.snakemake("--rerun-incomplete", configfile=CONFIGFILE)
    assert checkout.would_run(configfile=CONFIGFILE) == {}


def stages_at(start: Start, stages: dict[str, str]) -> Iterable[str]:
    """Where a run was when it was killed: the stages whose jobs ran, or what it did beside jobs."""
    if not start.started:
        return ["start-up"]
    return sorted({stages[rule] for rule in start.running if rule in stages}) or ["between jobs"]
