"""A real Snakemake in a terminal of its own: what stands there while jobs run, and after."""

import io
import logging
import os
import pty
import re
import signal
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


def in_terminal(folder: Path, *flags: str, until: bytes | None = None) -> str:
    """All that a run writes to its terminal, codes included; Ctrl-C is pressed when a pattern was written."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm"}
    ours, theirs = pty.openpty()
    command = [str(Path(sys.executable).with_name("snakemake")), "--cores", "2", "--keep-going", *flags]

    def take_terminal() -> None:
        """Make it that of a session of its own, so that its Ctrl-C reaches the run and its jobs."""
        os.login_tty(theirs)
        signal.signal(
            signal.SIGINT, signal.SIG_DFL
        )  # Whoever runs in the background hands on that it is ignored.

    process = subprocess.Popen(
        command, cwd=folder, env=environment, preexec_fn=take_terminal, pass_fds=[theirs]
    )
    os.close(theirs)
    written = b""
    try:
        while part := os.read(ours, 65536):
            written += part
            if until is not None and re.search(until, written):
                os.write(ours, b"\x03")
                until = None
    except OSError:  # Linux: nobody has the other side open any more.
        pass
    process.wait()
    os.close(ours)
    return written.decode().replace("\r\n", "\n")


def screen(text: str) -> list[str]:
    """The lines that stand in the terminal at the end, by the few codes that a run writes."""
    lines, row, column = [""], 0, 0
    for code, character in re.findall(r"\x1b\[(\d*[A-Za-z])|(.)", text, re.DOTALL):
        if code.endswith("A"):
            row = max(row - int(code[:-1]), 0)
        elif code == "J":
            lines[row:] = [lines[row][:column]]
        elif character == "\r":
            column = 0
        elif character == "\n":
            row, column = row + 1, 0
            lines += [""] * (row == len(lines))
        elif character:
            lines[row] = f"{lines[row]:<{column}}"[:column] + character + lines[row][column + 1 :]
            column += 1
    return lines


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
def test_ctrl_c_leaves_a_tidy_terminal_and_a_run_that_goes_on(workflow: Path) -> None:
    (workflow / "Snakefile").write_text(SNAKEFILE.replace("sleep 3", "sleep 300"))
    # Not at once: while it still plans, Snakemake itself ends with a traceback.
    lines = screen(in_terminal(workflow, until=rb"make \w+ +0:(0[5-9]|[1-5]\d)"))
    said = next(number for number, line in enumerate(lines) if line.startswith("Terminating processes"))
    stopped = sorted(re.sub(r"^[\d:]+  |  [\d:]+$", "", line) for line in lines[said + 1 : said + 3])
    assert stopped == ["stopped make right", "stopped make wrong"]
    left = "\n".join(lines)
    for untidy in ("^C", "FAILED", "frame/s", "CalledProcessError", "jobs done"):
        assert untidy not in left
    (workflow / "Snakefile").write_text(SNAKEFILE)
    assert "done    make right" in in_terminal(workflow)


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
