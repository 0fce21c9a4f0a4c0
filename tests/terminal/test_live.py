"""A real Snakemake in a terminal of its own: what stands there while jobs run, and after."""

import io
import logging
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from uvis_core.terminal.live import LiveHandler, RunningJob, duration

SNAKEFILE = """
from uvis_core.terminal.attach import show_readably
if workflow.is_main_process:
    show_readably(workflow.output_settings, one_machine=True)
rule all:
    input: "right.txt", "wrong.txt"
rule make:
    output: "{name}.txt"
    log: "{name}.log"
    params: long="y" * 2000
    shell:
        "echo 'masks:  50%|##  | 5/10 [00:01<00:01,  5.00frame/s]' > {log}; sleep 3;"
        " test {wildcards.name} = right || {{ echo 'ERROR: a.mp4 is no video' >> {log}; exit 1; }}; touch {output}"
"""


def in_terminal(folder: Path, *flags: str) -> str:
    """All that a run writes to its terminal, codes included."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm"}
    ours, theirs = pty.openpty()
    command = [str(Path(sys.executable).with_name("snakemake")), "--cores", "2", "--keep-going", *flags]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=theirs, stderr=theirs)
    os.close(theirs)
    written = b""
    try:
        while part := os.read(ours, 65536):
            written += part
    except OSError:  # Linux: nobody has the other side open any more.
        pass
    process.wait()
    os.close(ours)
    return written.decode().replace("\r\n", "\n")


@pytest.fixture
def workflow(tmp_path: Path) -> Path:
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    return tmp_path


@pytest.mark.slow
def test_jobs_are_one_line_each_and_live(workflow: Path) -> None:
    text = in_terminal(workflow)
    plain = re.sub(r"\x1b\[\d*[A-Zm]", "", text)
    drawn = [line.split() for line in plain.splitlines() if "5.00frame/s" in line and "50%|" not in line]
    assert {line[1] for line in drawn} == {"right", "wrong"}
    assert all(line[3:] == ["50%", "5/10", "5.00frame/s", "00:01", "left"] for line in drawn)
    assert len({line[2] for line in drawn}) > 1  # Seconds go on.
    assert text.count("done    make right") == 1
    assert text.count("FAILED  make wrong") == 1
    assert text.count("    ERROR: a.mp4 is no video") == 1
    assert "rule make:" not in text
    assert "wildcards" not in text
    assert "Select jobs" not in text


@pytest.mark.slow
def test_a_dry_run_lists_jobs_as_ever(workflow: Path) -> None:
    text = in_terminal(workflow, "--dry-run")
    assert text.count("rule make:") == 2
    assert "\x1b[J" not in text


def started(job: int) -> logging.LogRecord:
    fields = {"event": "job_info", "jobid": job, "rule_name": "make", "wildcards": {"n": str(job)}, "log": []}
    return logging.makeLogRecord(fields)


def test_no_more_jobs_are_drawn_than_fit() -> None:
    terminal = io.StringIO()
    live = LiveHandler(logging.NullHandler(), terminal)
    for job in range(30):
        live.handle(started(job))
    *_, last = terminal.getvalue().split("\x1b[J")
    live.close()
    lines = last.splitlines()
    assert len(lines) == 13
    assert lines[-1].startswith("  and 18 more running, 0:0")


def test_the_log_of_an_earlier_run_is_no_progress(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("masks:  50%|##  | 5/10 [00:01<00:01,  5.00frame/s]")
    job = RunningJob("make", [str(log)])
    assert job.progress().startswith(" 50%")
    os.utime(log, (job.started_at - 60, job.started_at - 60))
    assert job.progress() == ""
    assert RunningJob("make", []).progress() == RunningJob("make", [str(tmp_path / "none")]).progress() == ""


def test_a_terminal_that_went_away_ends_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError("gone")

    monkeypatch.setattr(logging, "raiseExceptions", False)
    live = LiveHandler(logging.NullHandler(), Gone())
    live.handle(started(1))
    live.close()
    assert live.jobs == {}


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (65.9, "1:05"), (3723, "1:02:03")])
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text
