import logging
from pathlib import Path

from uvis_core.terminal.records import REASON_CHARACTERS, ReadableFormatter


def record(**fields: object) -> logging.LogRecord:
    return logging.makeLogRecord({"msg": "said", **fields})


class Reasons(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"{record.msg} {getattr(record, 'reason', '')}".strip()


def test_a_reason_of_pages_is_cut_and_the_record_is_left_as_it_was() -> None:
    long = record(event="job_info", reason="x" * 9000)
    text = ReadableFormatter(Reasons(), shows_logs=False).format(long)
    assert text == f"said {'x' * REASON_CHARACTERS}… (9000 characters)"
    assert vars(long)["reason"] == "x" * 9000


def test_a_short_reason_stays() -> None:
    text = ReadableFormatter(Reasons(), shows_logs=False).format(record(event="job_info", reason="Missing a"))
    assert text == "said Missing a"


def test_a_failed_job_shows_the_end_of_its_log_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("12:00:00 ERROR a.mp4: no video\n")
    failed = record(event="job_error", log=[str(log), str(tmp_path / "none.json")])
    text = ReadableFormatter(Reasons(), shows_logs=False).format(failed)
    assert text == f"said\nthe end of {log}:\n    12:00:00 ERROR a.mp4: no video"
    assert ReadableFormatter(Reasons(), shows_logs=True).format(failed) == "said"


def test_a_failed_command_is_cut_in_its_middle_and_no_other_error() -> None:
    shown = ReadableFormatter(Reasons(), shows_logs=False)
    command = f"CalledProcessError: Command '{'--flag ' * 500}' returned non-zero exit status 137."
    text = shown.format(record(event="error", msg=command))
    assert text.startswith("CalledProcessError: Command '--flag")
    assert text.endswith("returned non-zero exit status 137.")
    assert len(text) <= REASON_CHARACTERS + len(" … ")
    assert shown.format(record(event="error", msg="z" * 900)) == "z" * 900
