"""docs/configuration.md, generated from the settings so that it cannot go stale."""

import types
import typing
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic.fields import FieldInfo

from uvis_core.config.base import Settings, flag_value, nested_settings
from uvis_core.config.root import Configuration

HEAD = """# Configuration

Generated from the settings classes in `uvis_core/config/` by `python scripts/write_configuration_docs.py`; a test
keeps it true.

`config.yaml` holds the embedded default. Files given with `--configfile` are laid over it, key by key, and
`--config 'labels={variants: {full: {similarity: 0.8}}}'` over those; `null` is given like any value, as in
`--config vocabulary=null 'sources={test: null}'`. A key that does not exist, a value of the wrong type or outside its
range, a name that is defined nowhere, or a variant or experiment that nothing uses ends the run before any job starts,
with the key, the value and what is allowed.
"""


def settings_inside(field: FieldInfo) -> type[Settings] | None:
    """The settings class of a field: its own, that of an optional one, or of a mapping's values."""
    if nested_settings(field):
        return nested_settings(field)
    for kind in get_args(field.annotation):
        inner = get_args(kind)[0] if get_origin(kind) is Annotated else kind
        if isinstance(inner, type) and issubclass(inner, Settings):
            return inner
    return None


def type_text(annotation: Any) -> str:
    """A type in words that a YAML author knows."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_text(arguments[0])
    if origin is Literal:
        return " \\| ".join(f"`{value}`" for value in arguments)
    if origin in (types.UnionType, typing.Union):
        return " \\| ".join(type_text(kind) for kind in arguments)
    if origin is dict:
        return f"mapping of names to {type_text(arguments[1])}"
    if origin in (list, tuple):
        return f"list of {type_text(arguments[0])}"
    if annotation is type(None):
        return "null"
    names = {str: "text", int: "integer", float: "number", bool: "true \\| false"}
    return names.get(annotation, "settings, below")


def limits_text(field: FieldInfo) -> str:
    """The range of a field, such as `≥ 0, < 1`."""
    signs = (
        (Ge, "ge", "≥"),
        (Gt, "gt", ">"),
        (Le, "le", "≤"),
        (Lt, "lt", "<"),
        (MinLen, "min_length", "length ≥"),
    )
    parts = [
        f"{sign} {getattr(item, attribute)}"
        for item in field.metadata
        for kind, attribute, sign in signs
        if isinstance(item, kind)
    ]
    return ", ".join(parts)


def section(settings: type[Settings], path: str, title: str, level: int) -> Iterator[str]:
    """One table for the settings, then one section for each settings class inside."""
    yield f"\n{'#' * level} {title}\n"
    if path and settings.__doc__:
        yield settings.__doc__.strip().splitlines()[0] + "\n"
    yield "| key | type | default | meaning |\n|---|---|---|---|"
    for name, field in settings.model_fields.items():
        inner = settings_inside(field)
        if field.is_required():
            default = "required"
        elif nested_settings(field):
            default = "below"
        else:
            default = f"`{flag_value(field.get_default(call_default_factory=True))}`"
        kind = "settings, below" if nested_settings(field) else type_text(field.annotation)
        limits = limits_text(field)
        meaning = (field.description or (inner.__doc__ if inner else "") or "").strip().splitlines()
        yield f"| `{path}{name}` | {kind}{f' ({limits})' if limits else ''} | {default} | {' '.join(meaning)} |"
    for name, field in settings.model_fields.items():
        inner = settings_inside(field)
        if inner:
            star = "" if nested_settings(field) or type(None) in get_args(field.annotation) else "*."
            yield from section(
                inner, f"{path}{name}.{star}", f"`{path}{name}{'.*' if star else ''}`", min(level + 1, 4)
            )


def configuration_markdown() -> str:
    """The whole page."""
    return HEAD + "\n".join(section(Configuration, "", "Top level", 2)) + "\n"
