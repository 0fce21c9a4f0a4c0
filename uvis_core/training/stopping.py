"""What a training that is stopped from outside says last."""

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

log = logging.getLogger("uvis")


@dataclass
class Progress:
    """How far a training is.

    Attributes:
        total: Steps of the recipe.
        done: Steps taken.
        saved: Steps that a resumed training has behind it.
    """

    total: int
    done: int
    saved: int


@contextmanager
def said_when_stopped(progress: Progress) -> Iterator[None]:
    """Within the block, a SIGTERM (time limit, cancelled job) says how far the training came and ends the process."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        log.error(
            "stopped by signal %s after step %d of %d; started again, it goes on after step %d",
            signal.Signals(number).name,
            progress.done,
            progress.total,
            progress.saved,
        )
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
