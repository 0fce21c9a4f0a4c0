"""The workflow's messages in the form in which a person reads them."""

import copy
import logging
from collections.abc import Sequence
from pathlib import Path

from uvis_core.terminal.logs import log_tail

REASON_CHARACTERS = 300
"""A changed configuration is given as a reason twice, before and after: pages of JSON."""


def short_reason(reason: str) -> str:
    """The reason of a job's rerun, cut where it becomes too long to read."""
    if len(reason) <= REASON_CHARACTERS:
        return reason
    return f"{reason[:REASON_CHARACTERS]}… ({len(reason)} characters)"


def short_failure(text: str) -> str:
    """What is said of a command that failed, without the page of flags in its middle."""
    if "CalledProcessError" not in text or len(text) <= REASON_CHARACTERS:
        return text
    return f"{text[: REASON_CHARACTERS - 100]} … {text[-100:]}"


def end_of_logs(paths: Sequence[Path | str]) -> str:
    """The last lines of the logs of a failed job, each under its path; empty where nothing was logged."""
    tails = {str(path): log_tail(path) for path in paths}
    return "\n".join(
        "\n".join([f"the end of {path}:", *(f"    {line}" for line in lines)])
        for path, lines in tails.items()
        if lines
    )


class ReadableFormatter(logging.Formatter):
    """Another formatter's text with short reasons and commands, and the end of the log of a job that failed.

    Args:
        whole: The formatter that writes the text.
        shows_logs: Whether it shows failed jobs' logs itself, from beginning to end.
    """

    def __init__(self, whole: logging.Formatter, *, shows_logs: bool) -> None:
        super().__init__()
        self.whole = whole
        self.shows_logs = shows_logs

    def format(self, record: logging.LogRecord) -> str:
        """The text of one message."""
        fields = vars(record)
        if isinstance(fields.get("reason"), str):
            record = copy.copy(record)
            vars(record)["reason"] = short_reason(fields["reason"])
        text = self.whole.format(record)
        if fields.get("event") == "error":
            text = short_failure(text)
        if fields.get("event") == "job_error" and not self.shows_logs:
            text = "\n".join(filter(None, [text, end_of_logs(fields["log"])]))
        return text
