"""What is wrong with settings, in a user's words: the key, its value and the way out."""

import reprlib
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

# pydantic's kinds of faults whose own words speak of its classes, and what is said instead.
WORDS = {
    "model_type": "should be a block of keys",
    "dict_type": "should be a block of keys",
    "tuple_type": "should be a list",
    "list_type": "should be a list",
    "missing": "is missing",
    "recursion_loop": "contains itself",
    "invalid_key": "keys should be text",
    "string_unicode": "holds half a character",
}
LONGEST_VALUE = 200
"""So many characters of a wrong value are shown."""


class Misfit(ValueError):
    """Raised by validators where values that are right alone do not fit together; ``validated`` hands its fix on.

    Args:
        message: What does not fit; names the keys and their values.
        fix: What to do about it.
    """

    def __init__(self, message: str, *, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


def close_to(name: str, known: Iterable[str]) -> str:
    """The known name that resembles this one most, as the beginning of a fix, or nothing."""
    close = get_close_matches(name, sorted(known), n=1)
    return f"did you mean {close[0]!r}? If not, " if close else ""


def told(
    faults: Sequence[ErrorDetails], settings: type[BaseModel], values: Any
) -> tuple[list[str], list[str]]:
    """What is wrong, and what to do about it, one of each per fault.

    Args:
        faults: As pydantic found them.
        settings: What the values were checked against.
        values: What was checked.
    """
    pairs = [_told(fault, settings, values) for fault in faults if not _follows(fault, faults)]
    return [line for line, _ in pairs], [fix for _, fix in pairs]


def _follows(fault: ErrorDetails, faults: Sequence[ErrorDetails]) -> bool:
    """Whether a list is called too short only because of what is wrong inside it."""
    place = fault["loc"]
    return fault["type"] == "too_short" and any(
        other["loc"][: len(place)] == place and len(other["loc"]) > len(place) for other in faults
    )


def _told(fault: ErrorDetails, settings: type[BaseModel], values: Any) -> tuple[str, str]:
    key = ".".join(_keys(fault, values))
    misfit = fault.get("ctx", {}).get("error")
    if fault["type"] == "extra_forbidden":
        siblings = _siblings(settings, fault["loc"])
        hint = close_to(str(fault["loc"][-1]), siblings)
        return f"{key}: there is no such key", f"{hint}keys allowed beside {key}: {', '.join(siblings)}"
    if isinstance(misfit, Misfit):
        return (f"{key}: {misfit}" if key else str(misfit)), misfit.fix
    words = _words(fault)
    if not key:
        # Without a key the input is all there is; the message alone names what does not fit together.
        top = fault["type"] == "model_type"
        return (
            words,
            f"give it the keys {', '.join(settings.model_fields)}" if top else "correct what is named",
        )
    if fault["type"] == "missing":
        return f"{key}: {words}", f"give {key}"
    fix = f"correct {key}"
    if fault["type"] in ("model_type", "dict_type"):
        fix += ", with its keys below it, or after --config in braces that are closed, as in 'key={inner: value}'"
    return f"{key}: {words}, got {_shown(fault['input'])}", fix


def _words(fault: ErrorDetails) -> str:
    """What is wrong, without the key."""
    limits = fault.get("ctx", {})
    if fault["type"] == "string_too_short":
        return "is empty"
    if fault["type"] == "string_too_long":
        return f"is longer than {limits['max_length']} characters"
    if fault["type"] == "too_short":
        return f"should have at least {limits['min_length']} of them"
    return WORDS.get(fault["type"], fault["msg"].removeprefix("Value error, "))


def _shown(value: Any) -> str:
    """A wrong value, shortened where it is a block of many keys or a long text."""
    if isinstance(value, str):
        return repr(value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}…")
    return reprlib.repr(value) if isinstance(value, Mapping | list | tuple) else repr(value)[:LONGEST_VALUE]


def _keys(fault: ErrorDetails, values: Any) -> list[str]:
    """The keys that lead to a fault.

    pydantic also names the types that it tried and that a key itself was at fault; neither is in the values.
    """
    keys, level = [], values
    for part in fault["loc"]:
        if isinstance(level, Mapping):
            inside = part in level
        else:
            inside = isinstance(level, list | tuple) and isinstance(part, int) and part < len(level)
        if inside:
            level = level[part]
        elif fault["type"] != "missing" or part != fault["loc"][-1]:
            continue
        keys.append(str(part))
    return keys


def _siblings(settings: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Names of the fields beside the one at ``location``."""
    level: Any = settings
    for part in location[:-1]:
        field = (
            level.model_fields.get(str(part))
            if isinstance(level, type) and issubclass(level, BaseModel)
            else None
        )
        kinds = [field.annotation] if field else [level]
        level = None
        while kinds:
            kind = kinds.pop()
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                level = kind
            elif get_origin(kind) in (dict, tuple, list, Union, UnionType):
                kinds += list(get_args(kind))
        if level is None:
            return []
    return sorted(level.model_fields)
