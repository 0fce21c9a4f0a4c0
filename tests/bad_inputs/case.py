"""One bad input: how it is made and met, and what a user reads of it."""

import io
import logging
import runpy
import sys
from collections.abc import Callable
from contextlib import redirect_stderr
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

from uvis_core.io.errors import UserError

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class BadInput:
    """An input that cannot be used as it is, or that looks so.

    Attributes:
        what: The input in words, as the page names it.
        meet: Makes the input in an empty folder, gives it to the code that reads it, returns what the user reads.
        outcome: ``refused`` (one error), ``recorded`` (the item is left out and listed as failed, the rest goes on)
            or ``accepted`` (odd, and used rightly).
        says: Words that all stand in what the user reads, the input's name and value and the fix among them.
    """

    what: str
    meet: Callable[[Path], str]
    outcome: Literal["refused", "recorded", "accepted"]
    says: tuple[str, ...]


def refusal(call: Callable[..., Any], *arguments: Any, **keywords: Any) -> str:
    """The message with which a call refuses its arguments.

    Any other exception would be a user's traceback, and passes; none at all fails the test.
    """
    with pytest.raises(UserError) as caught:
        call(*arguments, **keywords)
    return str(caught.value)


def script(name: str, *arguments: object) -> str:
    """What a script says as it fails by hand; a script that succeeds or ends in a traceback fails the test."""
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setLevel(logging.ERROR)
    log = logging.getLogger("uvis")
    log.addHandler(handler)
    status: object = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stderr(said):
        patch.setattr(sys, "argv", [name, *map(str, arguments)])
        try:
            runpy.run_path(str(ROOT / "scripts" / name), run_name="__main__")
        except SystemExit as end:
            status = end.code
        finally:
            log.removeHandler(handler)
    assert status in (1, 2), f"{name} ended with {status}"
    assert "Traceback" not in said.getvalue()
    return said.getvalue()
