"""Where the workflow's messages go: found by name, and left as they are where Snakemake has it otherwise."""

import logging
import os
from typing import Any

from uvis_core.terminal.live import LiveHandler
from uvis_core.terminal.records import ReadableFormatter

LOGGER, HANDLER = "snakemake.logging", "DefaultStreamHandler"


def show_readably(settings: Any, *, one_machine: bool) -> None:
    """Let Snakemake's own terminal output be short, and live where it is a terminal in front of a person.

    Nothing changes where a logger plugin writes to the terminal.

    Args:
        settings: Snakemake's settings of its output. Flags that ask for more or less of it than usual switch off the
            live lines, a dry run too.
        one_machine: Whether jobs run here, with logs that can be followed.
    """
    logger = logging.getLogger(LOGGER)
    for plain in [handler for handler in logger.handlers if handler.name == HANDLER]:
        if not isinstance(plain, logging.StreamHandler) or plain.formatter is None:
            continue
        plain.setFormatter(ReadableFormatter(plain.formatter, shows_logs=settings.show_failed_logs))
        asked = ("dryrun", "quiet", "verbose", "printshellcmds", "debug_dag")
        usual = not any(getattr(settings, name) for name in asked)
        if usual and one_machine and plain.stream.isatty() and os.environ.get("TERM") != "dumb":
            logger.removeHandler(plain)
            logger.addHandler(LiveHandler(plain, plain.stream))
