"""What all settings share: refusal of typos, and command-line flags made from their fields."""

import argparse
from collections.abc import Collection
from typing import Any, Literal, TypeVar, cast, get_args

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

from uvis_core.config.faults import Misfit, told
from uvis_core.io.errors import UserError

Precision = Literal["fp32", "bf16"]
WeightsRole = Literal["masks", "crops", "vit", "backbone", "initial"]


class Settings(BaseModel):
    """Settings of one stage: immutable, every number finite, and any unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_switch_for_another_value(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse what YAML made of an unquoted yes or no; pydantic would count it as 1 or 0."""
        kind = cls.model_fields[str(info.field_name)].annotation
        values = value if isinstance(value, list) else [value]
        if bool not in (kind, *get_args(kind)) and any(isinstance(one, bool) for one in values):
            raise Misfit(
                f"{value} is no value of it", fix="give its value, in quotes if that is yes, no, on or off"
            )
        return value


SettingsType = TypeVar("SettingsType", bound=Settings)


def each_once(values: list[Any]) -> list[Any]:
    """Refuse a list in which a value stands twice; for ``pydantic.AfterValidator``."""
    twice = next((value for place, value in enumerate(values) if value in values[:place]), None)
    if twice is not None:
        raise Misfit(f"{twice!r} stands there twice, in {values}", fix="give each of them once")
    return values


def weights_of(*roles: WeightsRole) -> dict[str, Any]:
    """Mark a field, by ``Field(json_schema_extra=...)``, as naming weights: a local file, or a known name."""
    return {"weights": list(roles)}


def weights_roles(field: FieldInfo) -> tuple[WeightsRole, ...]:
    """What the weights that a field names are for; empty for any other field."""
    extra = field.json_schema_extra
    return tuple(cast(list[WeightsRole], extra.get("weights", ()))) if isinstance(extra, dict) else ()


def nested_settings(field: FieldInfo) -> type[Settings] | None:
    """The settings class inside a field, or None for a plain value; optional settings count as plain."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, Settings) else None


def add_settings(parser: argparse.ArgumentParser, settings: type[Settings], prefix: str = "") -> None:
    """Give the parser one flag per field, such as ``--objectness-floor`` or ``--model.hidden-dim``.

    Values are YAML, so ``null``, ``0.5`` and ``[1, 2]`` mean what they mean in config.yaml; a flag that is
    left out takes the field's default.
    """
    group = parser.add_argument_group(f"settings{f' {prefix[:-1]}' if prefix else ''}")
    for name, field in settings.model_fields.items():
        inner = nested_settings(field)
        if inner is not None:
            add_settings(parser, inner, f"{prefix}{name}.")
            continue
        default = (
            "required"
            if field.is_required()
            else f"default: {flag_value(field.get_default(call_default_factory=True))}"
        )
        group.add_argument(
            f"--{prefix}{name}".replace("_", "-"),
            dest=f"settings.{prefix}{name}",
            metavar=name.upper(),
            default=argparse.SUPPRESS,
            help=f"{field.description} ({default})".replace("%", "%%"),
        )


def read_settings(
    arguments: argparse.Namespace, settings: type[SettingsType], prefix: str = ""
) -> SettingsType:
    """Build the settings from those parsed flags that ``add_settings`` added under the same prefix.

    Raises:
        UserError: A value has a wrong type or lies outside what is allowed.
    """
    values: dict[str, Any] = {}
    for dest, text in vars(arguments).items():
        if not dest.startswith("settings."):
            continue
        key = dest.removeprefix("settings.")
        if not key.startswith(prefix):
            continue
        *path, name = key.removeprefix(prefix).split(".")
        if path and path[0] not in settings.model_fields:
            continue
        target = values
        for part in path:
            target = target.setdefault(part, {})
        target[name] = yaml.safe_load(text)
    return validated(settings, values, "the command line")


def flag_value(value: Any) -> str:
    """One value as YAML on one line, such that ``yaml.safe_load`` gives it back."""
    text = yaml.safe_dump(
        to_jsonable_python(value), default_flow_style=True, width=10**9, sort_keys=False
    ).strip()
    return text.removesuffix("...").strip()


def settings_flags(settings: Settings, prefix: str = "", leave_out: Collection[str] = ()) -> list[str]:
    """The flags that give these settings back through ``read_settings``: every key in order, with defaults.

    Keys in ``leave_out`` are not given, for a stage whose result does not depend on them.
    """
    flags: list[str] = []
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if name in leave_out:
            continue
        if nested_settings(field) is not None:
            flags += settings_flags(value, f"{prefix}{name}.")
        else:
            # One word, because a value may begin with a dash.
            flags.append(f"--{prefix}{name}".replace("_", "-") + f"={flag_value(value)}")
    return flags


def validated(settings: type[SettingsType], values: Any, source: str) -> SettingsType:
    """Check ``values`` against the settings.

    Raises:
        UserError: Names every wrong key, its value and what is allowed.
    """
    try:
        return settings.model_validate(values)
    except ValidationError as error:
        lines, fixes = told(error.errors(), settings, values)
        raise UserError(f"{source}: " + "; ".join(lines), fix="; ".join(dict.fromkeys(fixes))) from error
