"""One target in this process: inputs by hypothesis, met one after the other."""

import re
import traceback
from collections.abc import Callable, Collection
from pathlib import Path
from types import TracebackType

import hypothesis
from hypothesis import HealthCheck, Phase

from tests.fuzz.target import Target
from uvis_core.io.errors import MachineError, UserError

ROOT = Path(__file__).resolve().parents[2]
FUZZ = Path(__file__).resolve().parent
SEARCH = ("explore.py", "lane.py")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class BadMessage(AssertionError):
    """A refusal that does not help a user."""


def explore(
    target: Target,
    folder: Path,
    *,
    seed: int,
    inputs: int,
    known: Collection[str] = (),
    around: Callable[[Callable[[], None]], None] = lambda meet: meet(),
) -> None:
    """Give a reader some inputs; the first on which it breaks is made small, and raises.

    Args:
        target: The reader.
        folder: Where each input is written; in the end it holds the one that raised.
        seed: Equal seeds give equal inputs.
        inputs: How many.
        known: Breaks (``place_of``) that do not count.
        around: Called with every meeting, to watch it.

    Raises:
        Exception: What the reader raised and should not have; AssertionError where what it said is no message to a
            user, or what it gave back is wrong.
    """
    path = folder / target.file
    path.parent.mkdir(parents=True, exist_ok=True)

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=inputs,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
    )
    @hypothesis.given(target.inputs())
    def meet(content: bytes) -> None:
        path.write_bytes(content)
        try:
            around(lambda: meet_one(target, path))
        except Exception as error:
            if place_of(error) not in known:
                raise

    meet()


def meet_one(target: Target, path: Path) -> None:
    """Read one input; a refusal is a message, and tells of the input and not of the machine."""
    try:
        target.read(path)
    except MachineError:
        raise
    except UserError as error:
        said = target.file.rpartition("/")[2] if target.says is None else target.says
        if said not in error.message or not error.fix:
            raise BadMessage(f"names no {said}, or no fix: {error}") from error
        if UNPRINTABLE.search(str(error)):
            raise BadMessage(f"cannot be printed: {str(error)!r}") from error


def place_of(error: BaseException) -> str:
    """What an error is and where in the project it passed last: equal for inputs that break in the same way."""
    cause = error.__cause__ if isinstance(error, BadMessage) and error.__cause__ else error
    return f"{type(error).__name__} at {last_place(cause.__traceback__)}"


def last_place(trace: TracebackType | None) -> str:
    """File and line, those of libraries and of the search itself left out."""
    own = [
        f"{Path(frame.filename).relative_to(ROOT)}:{frame.lineno}"
        for frame in traceback.extract_tb(trace)
        if Path(frame.filename).is_relative_to(ROOT / "uvis_core")
        or (Path(frame.filename).is_relative_to(FUZZ) and Path(frame.filename).name not in SEARCH)
    ]
    return own[-1] if own else "nowhere in the project"
