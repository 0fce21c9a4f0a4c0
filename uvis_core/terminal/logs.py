"""What the end of a job's log tells: how far the job is, and why it failed."""

import re
from pathlib import Path

from uvis_core.io.errors import printable

TAIL_BYTES = 8192
TAIL_LINES = 15
BAR = re.compile(
    r"(?P<percent>\d+)%\|[^|]*\| *(?P<count>\d\S*/\S+) "
    r"\[[\d:]+<(?P<left>[\d:?]+), *(?P<rate>[^\],]+)"
)
"""A progress bar as tqdm writes it, with the count, time left and rate."""


def _end(path: Path | str) -> str:
    """The last bytes of a file as text; empty if it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(size - TAIL_BYTES, 0))
            return file.read().decode(errors="replace")
    except OSError:
        return ""


def read_progress(path: Path | str) -> str:
    """Share, count, rate and time left by the last progress bar of a log; empty before the first."""
    bars = list(BAR.finditer(_end(path)))
    if not bars:
        return ""
    bar = bars[-1]
    return printable(f"{bar['percent']:>3}%  {bar['count']}  {bar['rate']}  {bar['left']} left")


def log_tail(path: Path | str) -> list[str]:
    """The last lines of a log, of each progress bar only its last state."""
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in _end(path).split("\n")]
    return [printable(line) for line in lines if line.strip()][-TAIL_LINES:]
