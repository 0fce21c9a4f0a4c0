"""Snakemake started through the profile, and what Slurm says of its jobs."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.workflow.conftest import Checkout


@dataclass(frozen=True)
class Job:
    """A line of squeue; a job is listed for minutes after its end."""

    number: str
    state: str
    memory: str
    limit: str
    nodes: str
    comment: str


def jobs(of: str) -> list[Job]:
    """Jobs whose comment (rule and wildcards) ends like this, the oldest first."""
    lines = subprocess.run(
        ["squeue", "--states=all", "--noheader", "--sort=i", "--format=%i|%T|%m|%l|%N|%k"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [job for job in (Job(*line.split("|")) for line in lines) if job.comment.endswith(of)]


def until(what: str, condition: Callable[[], object], seconds: float = 600) -> None:
    """Wait for something to become true.

    Raises:
        TimeoutError: It did not.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {seconds:.0f} s, still not: {what}")
        time.sleep(0.5)


class Driver:
    """A running ``snakemake --profile slurm``."""

    def __init__(self, checkout: Checkout, log: Path, *arguments: str) -> None:
        self._log = log
        with log.open("w", encoding="utf-8") as stream:
            self._process = subprocess.Popen(
                ["snakemake", "--profile", "slurm", *arguments],
                cwd=checkout.folder,
                env=checkout.environment(),
                start_new_session=True,
                stdout=stream,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        """What it has printed."""
        return self._log.read_text(encoding="utf-8")

    @property
    def ended(self) -> bool:
        """Whether it has."""
        return self._process.poll() is not None

    def status(self, seconds: float = 1200) -> int:
        """Its exit status, waited for."""
        until("the driver has ended", lambda: self.ended, seconds)
        return self._process.returncode

    def kill(self) -> None:
        """Without warning, as a login node that restarts does; its jobs run on."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextmanager
def driver(checkout: Checkout, log: Path, *arguments: str) -> Iterator[Driver]:
    """A driver that leaves nothing behind."""
    started = Driver(checkout, log, *arguments)
    try:
        yield started
    finally:
        if not started.ended:
            started.kill()
        subprocess.run(["scancel", "--user", "root"], check=True)
        until(
            "no job is left",
            lambda: all(job.state not in ("RUNNING", "COMPLETING", "PENDING") for job in jobs("")),
        )
        checkout.snakemake("--unlock")
