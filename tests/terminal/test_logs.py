from pathlib import Path

import pytest

from uvis_core.jobs import progress
from uvis_core.terminal.logs import TAIL_LINES, log_tail, read_progress


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "masks:  82%|████▏ | 945/1152 [03:48<00:37,  5.58frame/s]",
            " 82%  945/1152  5.58frame/s  00:37 left",
        ),
        (
            "training:  98%|█| 1962/2000 [10:15<00:12, 2.96step/s, loss 21.79]",
            " 98%  1962/2000  2.96step/s  00:12 left",
        ),
        ("tracks:   0%|          | 0/25 [00:00<?, ?video/s]", "  0%  0/25  ?video/s  ? left"),
        ("18:46:18 INFO done", ""),
    ],
)
def test_progress_of_a_line(tmp_path: Path, line: str, expected: str) -> None:
    (tmp_path / "log").write_text(
        f"masks:   1%| | 1/100 [00:01<01:39,  1.00frame/s]\r{line}" if expected else line
    )
    assert read_progress(tmp_path / "log") == expected


def test_what_the_jobs_write_is_understood(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    list(progress(range(40), total=40, unit="frame", name="masks"))
    (tmp_path / "log").write_text(capsys.readouterr().err)
    assert read_progress(tmp_path / "log").startswith("100%  40/40  ")


def test_a_log_that_is_not_there_has_no_progress_and_no_tail(tmp_path: Path) -> None:
    assert read_progress(tmp_path / "log") == ""
    assert log_tail(tmp_path / "log") == []


def test_tail_has_the_last_state_of_a_bar_and_obeys_nothing(tmp_path: Path) -> None:
    lines = [f"line {number}" for number in range(50)] + ["a 1%\ra 2%\ra 3%", "\x1b[31mred", ""]
    (tmp_path / "log").write_text("\n".join(lines))
    tail = log_tail(tmp_path / "log")
    assert tail[-2:] == ["a 3%", "\\x1b[31mred"]
    assert len(tail) == TAIL_LINES
    assert "line 0" not in tail
