from typing import Annotated, Any

import pytest
from pydantic import Field

from uvis_core.config.base import Settings, validated
from uvis_core.config.faults import close_to
from uvis_core.io.errors import UserError


class Inner(Settings):
    """Settings inside others."""

    size: int = Field(3, ge=1, description="A number.")


class Outer(Settings):
    """Settings of every kind whose faults pydantic would tell in its own words."""

    paths: str | tuple[str, ...] | None = Field(None, description="One or many.")
    inner: Inner = Field(Inner(), description="Nested.")
    many: dict[str, Inner] = Field({}, description="Named.")
    names: Annotated[tuple[str, ...], Field(min_length=1)] = Field(("a",), description="Some.")
    pair: tuple[int, int] = Field((1, 2), description="Two.")
    name: str = Field("x", min_length=1, max_length=9, description="Short.")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"inner": "text"}, "file: inner: should be a block of keys, got 'text'"),
        ({"inner": {"size": 0}}, "file: inner.size: Input should be greater than or equal to 1, got 0"),
        ({"many": {"a": None}}, "file: many.a: should be a block of keys, got None"),
        ({"names": []}, "file: names: should have at least 1 of them, got []"),
        ({"names": [1]}, "file: names.0: Input should be a valid string, got 1"),
        ({"names": "ab"}, "file: names: should be a list, got 'ab'"),
        ({"pair": [1]}, "file: pair.1: is missing"),
        ({"name": ""}, "file: name: is empty, got ''"),
        ({"name": "x" * 300}, f"file: name: is longer than 9 characters, got {'x' * 200 + '…'!r}"),
        ({"paths": 5}, "file: paths: Input should be a valid string, got 5; paths: should be a list, got 5"),
        ([1], "file: should be a block of keys"),
    ],
)
def test_faults_are_told_without_the_words_of_pydantic(values: Any, message: str) -> None:
    with pytest.raises(UserError) as caught:
        validated(Outer, values, "file")
    assert caught.value.message == message
    assert caught.value.fix


def test_a_typo_is_answered_with_what_was_meant() -> None:
    with pytest.raises(UserError) as caught:
        validated(Outer, {"many": {"a": {"szie": 1}}}, "file")
    assert caught.value.message == "file: many.a.szie: there is no such key"
    assert caught.value.fix == "did you mean 'size'? If not, keys allowed beside many.a.szie: size"


@pytest.mark.parametrize(
    ("name", "words"),
    [("ful", "did you mean 'full'? If not, "), ("uivs", "did you mean 'uvis'? If not, "), ("zebra", "")],
)
def test_a_name_that_is_close_is_offered(name: str, words: str) -> None:
    assert close_to(name, {"full", "uvis"}) == words
