"""One writer of a training folder at a time, also where a job is started while its predecessor runs on elsewhere.

A workflow that was killed leaves its jobs to the scheduler, and started again it submits them a second time; a node
that seems dead may write on. So the process that writes holds a file beside the checkpoint and touches it all the time.
File systems of clusters promise no more than this: that a file is created once only, and that a change is seen after a
while. Clocks are never compared, because those of two machines differ.
"""

import json
import logging
import os
import platform
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from uvis_core.io.errors import UserError
from uvis_core.io.machine import is_gone, this_machine

log = logging.getLogger("uvis")
LOCK_NAME = "training.lock"
# Far longer than a network file system shows old times (a minute), and than a beat may be late on a busy machine.
BEAT_S, DEAD_S, LOOK_S = 15.0, 180.0, 5.0


@dataclass(frozen=True)
class Holder:
    """Who trains, as the file says it.

    Attributes:
        token: Of this hold alone.
        machine: The running system that the process belongs to.
        host: Its name.
        pid: The process.
        job: The scheduler's number, or "".
        fingerprint: Of the training.
    """

    token: str
    machine: str
    host: str
    pid: int
    job: str
    fingerprint: str

    def __str__(self) -> str:
        job = f"job {self.job}, " if self.job else ""
        return f"{job}process {self.pid} on {self.host}"

    @property
    def ended(self) -> bool:
        """Whether the process is known to be gone; of another machine's nothing is known."""
        return self.machine == this_machine() and is_gone(self.pid)


class Lock:
    """Held while this process may write."""

    def __init__(self, path: Path, token: str) -> None:
        self._path, self._token = path, token

    def check(self) -> None:
        """Stop before a write that another process would answer with its own.

        Raises:
            UserError: Another process took this one for dead.
        """
        holder = _read(self._path)
        if holder is None or holder.token != self._token:
            raise UserError(
                f"{self._path}: taken over by {holder or 'nobody'} while this process stood still",
                fix="let that one finish; nothing more is written here",
            )


@contextmanager
def held(output: Path, fingerprint: str) -> Iterator[Lock]:
    """Be the one that writes beside ``output``.

    Raises:
        UserError: Another process is.
    """
    path = output.with_name(LOCK_NAME)
    path.parent.mkdir(parents=True, exist_ok=True)
    own = Holder(
        token=uuid.uuid4().hex,
        machine=this_machine(),
        host=platform.node(),
        pid=os.getpid(),
        job=os.environ.get("SLURM_JOB_ID", ""),
        fingerprint=fingerprint,
    )
    _remove_ended(path)
    try:
        with path.open("x", encoding="utf-8") as stream:
            json.dump(asdict(own), stream)
    except FileExistsError as error:
        raise UserError(
            f"{path}: {_read(path)} trains in this folder already",
            fix="wait until it has ended, or end it, and run again",
        ) from error
    lock, over = Lock(path, own.token), threading.Event()
    beating = threading.Thread(target=_beat, args=(path, own.token, over), daemon=True)
    beating.start()
    try:
        yield lock
    finally:
        over.set()
        beating.join()
        holder = _read(path)
        if holder is not None and holder.token == own.token:
            path.unlink()


def trained_by_another(
    output: Path, fingerprint: str, *, dead_s: float = DEAD_S, look_s: float = LOOK_S
) -> bool:
    """Wait while another process trains in the folder of ``output``.

    Args:
        output: The checkpoint.
        fingerprint: Of the training that is wanted.
        dead_s: A lock that nobody touches for so long is nobody's.
        look_s: Time between looks.

    Returns:
        Whether it wrote the very checkpoint that is wanted, so that nothing is left to do.
    """
    path = output.with_name(LOCK_NAME)
    before, seen, since = _stamp(output), None, time.monotonic()
    last: Holder | None = None
    while (holder := _read(path)) is not None:
        if (stamp := (holder.token, _stamp(path))) != seen:
            seen, since = stamp, time.monotonic()
        if holder.ended or time.monotonic() - since > dead_s:
            log.warning("%s: %s is dead; going on from what it saved", path, holder)
            _remove(path, holder)
            return False
        if last is None:
            log.warning("%s: %s trains in this folder already; waiting until it ends", path, holder)
        last = holder
        time.sleep(look_s)
    if last is None or last.fingerprint != fingerprint or _stamp(output) in (None, before):
        return False
    log.info("%s has finished this training", last)
    return True


def _read(path: Path) -> Holder | None:
    """Who holds the lock; None where there is none."""
    try:
        return Holder(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        # Created and not written yet, or by a process that died in between.
        return Holder("", "", "an unknown host", 0, "", "")


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns


def _beat(path: Path, token: str, over: threading.Event) -> None:
    while not over.wait(BEAT_S):
        holder = _read(path)
        if holder is None or holder.token != token:
            return
        os.utime(path)


def _remove_ended(path: Path) -> None:
    holder = _read(path)
    if holder is not None and holder.ended:
        _remove(path, holder)


def _remove(path: Path, holder: Holder) -> None:
    """Take a dead process's lock away, and only that one, though others may be about to do the same."""
    if _read(path) != holder:
        return
    aside = path.with_name(f".{path.name}-{uuid.uuid4().hex}")
    with suppress(FileNotFoundError, FileExistsError):
        path.replace(aside)
        if _read(aside) != holder:
            os.link(aside, path)
    aside.unlink(missing_ok=True)
