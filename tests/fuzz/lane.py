"""One target in a process of its own, with bounded memory and time, begun again after what kills it."""

import faulthandler
import importlib
import itertools
import logging
import multiprocessing
import os
import re
import resource
import shutil
import signal
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from queue import Empty
from typing import Any

from tests.fuzz.explore import explore, place_of
from tests.fuzz.target import Target

BATCH = 100
STUCK_S = 600.0
"""Time after which an input that does not even compute is taken for stuck; a crowded machine takes long too."""
MOST_BYTES = 8 * 2**30
"""Memory for the first input of a process."""
STACK = "stack.txt"


@dataclass
class Outcome:
    """What came of one target.

    Attributes:
        tried: Inputs read, those by which a break was made small included.
        breaks: Traceback or stack of every break, by what it is and where.
        seconds: How long the search took.
    """

    tried: int = 0
    breaks: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


def targets_of(area: str) -> list[Target]:
    """The targets of one area; a process imports no other's readers."""
    found: list[Target] = importlib.import_module(f"tests.fuzz.{area}").TARGETS
    return found


def search(area: str, name: str, *, seed: int, seconds: float, folder: Path) -> Outcome:
    """Try inputs for some time; every input that breaks the reader is kept in ``folder``.

    Raises:
        RuntimeError: The process fails before it has tried any.
    """
    context = multiprocessing.get_context("spawn")
    outcome = Outcome()
    started = time.monotonic()
    while time.monotonic() < started + seconds:
        work = folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        tried, found = context.Value("q", 0), context.Queue()
        # Other inputs than those that the process before met.
        arguments = (
            area,
            name,
            seed + outcome.tried,
            started + seconds,
            work,
            set(outcome.breaks),
            tried,
            found,
        )
        process = context.Process(target=_search_here, args=arguments)
        process.start()
        stuck = _wait(process, tried, found, outcome, folder)
        _take(found, outcome, folder)
        outcome.tried += tried.value
        if process.exitcode and process.exitcode > 0 and not tried.value:
            raise RuntimeError(f"{name}: the search itself ended with status {process.exitcode}")
        if process.exitcode:
            what = "stuck" if stuck else _signal_name(process.exitcode)
            stack = _stack_in(work)
            place = f"{what} at {_place_on(stack)}"
            if place not in outcome.breaks:
                outcome.breaks[place] = stack
                _keep(work, folder, len(outcome.breaks))
    outcome.seconds = time.monotonic() - started
    return outcome


def _wait(process: Any, tried: Synchronized, found: Any, outcome: Outcome, folder: Path) -> bool:
    """Wait for the process to end and keep what it finds; end it where an input takes for ever, and say so."""
    last, since = -1, time.monotonic()
    while process.is_alive():
        process.join(2.0)
        _take(found, outcome, folder)
        if tried.value != last:
            last, since = tried.value, time.monotonic()
        elif time.monotonic() - since > STUCK_S:
            process.kill()
            process.join()
            return True
    return False


def _take(found: Any, outcome: Outcome, folder: Path) -> None:
    while True:
        try:
            place, trace, file, content = found.get_nowait()
        except Empty:
            return
        outcome.breaks[place] = trace
        kept = folder / f"{len(outcome.breaks):02d}" / file
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(content)


def _keep(work: Path, folder: Path, number: int) -> None:
    shutil.copytree(work, folder / f"{number:02d}", dirs_exist_ok=True)


def _signal_name(status: int) -> str:
    if status == -signal.SIGPROF:
        return "too slow"
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"


def _stack_in(work: Path) -> str:
    """What faulthandler wrote; nothing where the process was killed before it or from elsewhere."""
    return (work / STACK).read_text(encoding="utf-8") if (work / STACK).exists() else ""


def _place_on(stack: str) -> str:
    """The project's innermost line on a stack, innermost first."""
    lines = re.findall(r'File ".*?((?:uvis_core|tests/fuzz)/[^"]*)", line (\d+)', stack)
    return ":".join(lines[0]) if lines else "nowhere in the project"


def _search_here(
    area: str,
    name: str,
    seed: int,
    ends: float,
    work: Path,
    known: set[str],
    tried: Synchronized,
    found: Any,
) -> None:
    """The process: batches of inputs until the time is over, each break reported once."""
    target = next(target for target in targets_of(area) if target.name == name)
    logging.disable()
    warnings.simplefilter("ignore")
    stack = (work / STACK).open("w", encoding="utf-8")
    faulthandler.enable(stack)
    faulthandler.register(signal.SIGPROF, stack, chain=True)
    bound_memory(MOST_BYTES)
    bounded = False

    def watch(meet: Callable[[], None]) -> None:
        nonlocal bounded
        signal.setitimer(signal.ITIMER_PROF, target.cpu_s)
        try:
            meet()
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            tried.value += 1
            if not bounded:
                # The first input imports what is imported late.
                bound_memory(target.memory_bytes)
                bounded = True

    for batch in itertools.count():
        try:
            explore(target, work, seed=seed + batch, inputs=BATCH, known=known, around=watch)
        except Exception as error:
            known.add(place_of(error))
            content = (work / target.file).read_bytes()
            found.put((place_of(error), "".join(traceback.format_exception(error)), target.file, content))
        if time.monotonic() > ends:
            break


def bound_memory(more_bytes: int) -> None:
    """Let this process take so much more than it has now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0])
    limit = pages * os.sysconf("SC_PAGESIZE") + more_bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
