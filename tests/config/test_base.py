import argparse
from typing import Annotated, Any, Literal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, Field, ValidationError, model_validator

from uvis_core.config.base import (
    Settings,
    add_settings,
    each_once,
    flag_value,
    read_settings,
    settings_flags,
    validated,
)
from uvis_core.config.faults import Misfit
from uvis_core.io.errors import UserError


class Inner(Settings):
    """Nested settings."""

    hidden_dim: int = Field(256, ge=1, description="Width.")
    sizes: tuple[float, ...] = Field((1.0, 2.0), description="100 % of them.")


class Outer(Settings):
    """Settings with one field of every kind in use."""

    name: str = Field("plain", description="Text.")
    rate: float | None = Field(0.5, ge=-1e9, le=1e9, description="Number or nothing.")
    reading: Literal["mean", "max"] = Field("max", description="One of two.")
    sharp: bool = Field(True, description="Yes or no.")
    paths: str | tuple[str, ...] | None = Field(None, description="One or many.")
    inner: Inner = Field(Inner(), description="Nested.")
    many: dict[str, Inner] = Field({}, description="Named.")

    @model_validator(mode="after")
    def _fits(self) -> "Outer":
        if self.name == "dull" and self.sharp:
            raise Misfit("name 'dull' and sharp True", fix="set sharp to false")
        return self


class Nest(Settings):
    """Settings inside settings."""

    outers: dict[str, Outer] = Field({}, description="Named.")
    numbers: Annotated[list[int], AfterValidator(each_once)] = Field([], description="Each once.")


NUMBERS = st.floats(-1e9, 1e9) | st.sampled_from([-1e-5, 1e-12, -0.0])
INNER = st.builds(Inner, hidden_dim=st.integers(1, 10**6), sizes=st.lists(NUMBERS, max_size=3).map(tuple))
OUTER = st.builds(
    Outer,
    name=st.text()
    | st.sampled_from(["null", "yes", "2019", "1e3", "-x", "--name", "a b", "[", "{}", "'", "..."]),
    rate=st.none() | NUMBERS,
    reading=st.sampled_from(["mean", "max"]),
    sharp=st.booleans(),
    paths=st.none() | st.text() | st.lists(st.text(), min_size=1, max_size=3).map(tuple),
    inner=INNER,
    many=st.dictionaries(st.text() | st.sampled_from(["null", "1", "yes", "a: b"]), INNER, max_size=3),
)


def parse(words: list[str], prefix: str = "") -> Outer:
    parser = argparse.ArgumentParser()
    parser.add_argument("--output")
    add_settings(parser, Outer, prefix)
    return read_settings(parser.parse_args(words), Outer, prefix)


@given(OUTER, st.sampled_from(["", "source."]))
def test_settings_survive_the_command_line(settings: Outer, prefix: str) -> None:
    assert parse(settings_flags(settings, prefix), prefix) == settings


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        st.lists,
        max_leaves=5,
    )
)
def test_values_survive_as_one_word(value: Any) -> None:
    assert yaml.safe_load(flag_value(value)) == value


def test_flags_left_out_take_their_defaults() -> None:
    assert parse([]) == Outer()
    assert parse(["--output", "x", "--inner.hidden-dim", "8"]) == Outer(inner=Inner(hidden_dim=8))
    assert parse(["--rate", "null", "--sharp", "false", "--inner.sizes", "[3, 4]"]) == Outer(
        rate=None, sharp=False, inner=Inner(sizes=(3, 4))
    )


def test_settings_that_do_not_matter_can_be_left_out() -> None:
    words = settings_flags(Outer(), leave_out=["rate", "inner"])
    assert not any(word.startswith(("--rate", "--inner")) for word in words)
    assert parse(words) == Outer()


def test_two_groups_of_settings_share_a_command_line() -> None:
    parser = argparse.ArgumentParser()
    add_settings(parser, Outer)
    add_settings(parser, Inner, "source.")
    arguments = parser.parse_args(["--source.hidden-dim", "4", "--inner.hidden-dim", "5"])
    assert read_settings(arguments, Inner, "source.").hidden_dim == 4
    assert read_settings(arguments, Outer).inner.hidden_dim == 5


def test_help_tells_description_and_default(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "100 % of them. (default: [1.0, 2.0])" in shown


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--rate", "fast"], "rate: "),
        (["--reading", "median"], "'mean' or 'max'"),
        (["--inner.hidden-dim", "0"], "inner.hidden_dim: "),
        (["--inner.hidden-dim", "0", "--sharp", "maybe"], "sharp: "),
    ],
)
def test_a_wrong_value_is_named(words: list[str], expected: str) -> None:
    with pytest.raises(UserError) as caught:
        parse(words)
    assert expected in caught.value.message


@pytest.mark.parametrize(
    ("values", "key", "offered"),
    [
        ({"nmae": 1}, "nmae", "name, paths, rate"),
        ({"inner": {"hiden_dim": 1}}, "inner.hiden_dim", "hidden_dim, sizes"),
        ({"many": {"a": {"hiden_dim": 1}}}, "many.a.hiden_dim", "hidden_dim, sizes"),
    ],
)
def test_a_typo_is_answered_with_the_keys_that_exist(values: dict[str, Any], key: str, offered: str) -> None:
    with pytest.raises(UserError) as caught:
        validated(Outer, values, "config.yaml")
    assert caught.value.message.startswith(f"config.yaml: {key}: there is no such key")
    assert offered in caught.value.fix


def test_what_does_not_fit_together_comes_with_its_own_fix() -> None:
    with pytest.raises(UserError) as caught:
        validated(Outer, {"name": "dull"}, "config.yaml")
    assert caught.value.message == "config.yaml: name 'dull' and sharp True"
    assert caught.value.fix == "set sharp to false"
    with pytest.raises(UserError) as caught:
        validated(Nest, {"outers": {"a": {"name": "dull"}}, "numbers": [3, 1, 3]}, "config.yaml")
    assert "outers.a: name 'dull' and sharp True; numbers: 3 stands there twice" in caught.value.message
    assert caught.value.fix == "set sharp to false; give each of them once"


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Outer().name = "other"  # type: ignore[misc]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), True, "nan"])
def test_numbers_are_finite_and_no_switches(value: Any) -> None:
    with pytest.raises(UserError, match="rate: "):
        validated(Outer, {"rate": value}, "config.yaml")
    assert validated(Outer, {"sharp": True}, "config.yaml").sharp
