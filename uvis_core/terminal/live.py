"""A terminal's last lines: the running jobs with their progress, drawn anew every second below what was said.

The handler stands before the one that Snakemake has for its terminal. Of a job it says one line when it ends;
everything that is no job goes through to the other. Snakemake's own log file has all of it as ever.
"""

import logging
import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from uvis_core.terminal.logs import read_progress
from uvis_core.terminal.records import end_of_logs

INTERVAL_S = 1.0
SILENT = {"shellcmd", "job_started", "progress", "job_info", "resources_info"}
ROUTINE = "Select jobs to execute..."
"""Said in every round of the scheduler, as no event."""
STOPPED = "Terminating processes on user request"
"""How Snakemake says that it was asked to stop: what ends badly after that was stopped, and is no failure."""


@dataclass(frozen=True)
class RunningJob:
    """A job that was started.

    Attributes:
        name: Its rule and wildcards.
        logs: Paths of its logs; the first is the one with its progress.
        started_s: By the monotonic clock.
        started_at: By the clock of the files: an older log is that of an earlier run.
    """

    name: str
    logs: Sequence[str]
    started_s: float = field(default_factory=time.monotonic)
    started_at: float = field(default_factory=time.time)

    def elapsed(self) -> str:
        """Hours, minutes and seconds since its start."""
        return duration(time.monotonic() - self.started_s)

    def progress(self) -> str:
        """What its log says by now; empty before it has one."""
        try:
            fresh = bool(self.logs) and Path(self.logs[0]).stat().st_mtime > self.started_at - 1
        except OSError:
            return ""
        return read_progress(self.logs[0]) if fresh else ""


def duration(seconds: float) -> str:
    """``1:02:03``, or ``2:03`` below an hour."""
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


class LiveHandler(logging.Handler):
    """Shows jobs in one line each, and hands all other messages on.

    Args:
        plain: The handler of the terminal that this one takes the place of.
        stream: The terminal.
    """

    def __init__(self, plain: logging.Handler, stream: TextIO) -> None:
        super().__init__(plain.level)
        self.plain = plain
        self.stream = stream
        self.jobs: dict[Any, RunningJob] = {}
        self.counts = ""
        self.stopped = False
        self.drawn = 0
        self.began_s = time.monotonic()
        self.drawing = threading.RLock()
        self.closed = threading.Event()
        self.refresher = threading.Thread(target=self._refresh, daemon=True)
        self.refresher.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Show one message above the running jobs."""
        try:
            with self.drawing:
                self._erase()
                self._show(record)
                self._draw()
        except Exception:  # As every handler of logging: a terminal that went away ends no run.
            self.handleError(record)

    def close(self) -> None:
        """Leave the terminal as if no job had been drawn."""
        self.closed.set()
        with self.drawing, suppress(OSError):
            self.jobs.clear()
            self._erase()
            self.stream.flush()
        self.plain.close()
        super().close()

    def _show(self, record: logging.LogRecord) -> None:
        event, fields = getattr(record, "event", None), vars(record)
        self.stopped |= str(record.msg).startswith(STOPPED)
        if event == "job_info":
            name = " ".join([fields["rule_name"], *map(str, fields["wildcards"].values())])
            self.jobs[fields["jobid"]] = RunningJob(name, list(fields["log"]))
        elif event == "progress":
            self.counts = f"{fields['done']} of {fields['total']} jobs done"
        elif event == "job_finished" and fields["job_id"] in self.jobs:
            job = self.jobs.pop(fields["job_id"])
            self._write(f"{_clock()}  done    {job.name}  {job.elapsed()}")
        elif event == "job_error" and fields["jobid"] in self.jobs:
            job = self.jobs.pop(fields["jobid"])
            if self.stopped:
                self._write(f"{_clock()}  stopped {job.name}  {job.elapsed()}")
                return
            said = [f"{_clock()}  FAILED  {job.name}  {job.elapsed()}", end_of_logs(fields["log"])]
            self._write("\n".join(filter(None, said)))
        elif event not in SILENT and record.msg != ROUTINE and not self._of_a_stopped_job(record):
            self.plain.handle(record)

    def _of_a_stopped_job(self, record: logging.LogRecord) -> bool:
        """Whether a message says that a command failed, which was stopped."""
        is_error = self.stopped and getattr(record, "event", None) == "error"
        return is_error and "CalledProcessError" in self.plain.format(record)

    def _write(self, text: str) -> None:
        self.stream.write(f"{text}\n")
        self.stream.flush()

    def _lines(self) -> list[str]:
        """Running jobs, as many as fit into half of the terminal, and how many jobs are done."""
        if not self.jobs:
            return []
        columns, rows = _size(self.stream)
        shown = list(self.jobs.values())[: max(rows // 2, 1)]
        width = max(len(job.name) for job in shown)
        lines = [f"  {job.name:<{width}}  {job.elapsed():>7}  {job.progress()}" for job in shown]
        more = len(self.jobs) - len(shown)
        about = [f"and {more} more running"] if more else []
        about += [self.counts] if self.counts else []
        lines.append(f"  {', '.join([*about, duration(time.monotonic() - self.began_s)])}")
        return [line[: columns - 1] for line in lines]

    def _erase(self) -> None:
        if self.drawn:
            # To the first column as well: what a person typed, such as ^C, stands where the cursor was.
            self.stream.write(f"\r\x1b[{self.drawn}A\x1b[J")
            self.drawn = 0

    def _draw(self) -> None:
        lines = self._lines()
        self.stream.write("".join(f"{line}\n" for line in lines))
        self.stream.flush()
        self.drawn = len(lines)

    def _refresh(self) -> None:
        while not self.closed.wait(INTERVAL_S):
            with self.drawing, suppress(OSError):
                if self.jobs:
                    self._erase()
                    self._draw()


def _clock() -> str:
    return time.strftime("%H:%M:%S")


def _size(stream: TextIO) -> tuple[int, int]:
    """Columns and rows of the terminal behind a stream."""
    try:
        columns, rows = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        return 80, 24
    return columns or 80, rows or 24
