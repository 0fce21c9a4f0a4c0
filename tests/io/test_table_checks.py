from typing import Any

import pyarrow as pa
import pytest

from uvis_core.io.errors import UserError
from uvis_core.io.schemas.base import WIDTH_UNKNOWN, TableSchema, column, list_of
from uvis_core.io.table_checks import check_schema, check_values, class_names, is_finite, json_entry

MARK = {b"schema": b"points", b"schema_version": b"1"}
POINTS = TableSchema(
    "points",
    pa.schema([column("number", pa.int32()), column("at", list_of(pa.float32(), WIDTH_UNKNOWN))]),
    vector="at",
)


def schema(kind: Any = pa.int32(), vector: Any = pa.float32(), *further: pa.Field) -> pa.Schema:  # noqa: B008
    fields = [column("number", kind), column("at", list_of(vector, 3)), *further]
    return pa.schema(fields, metadata=MARK)


def test_vectors_may_have_any_length_and_further_columns_any_kind() -> None:
    check_schema("t", schema(), POINTS)
    check_schema("t", schema(pa.int32(), pa.float32(), column("note", pa.string())), POINTS)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (schema(pa.int64()), "t: column number holds int64, not int32"),
        (schema(pa.int32(), pa.float16()), "t: column at holds fixed_size_list"),
        (schema().remove(1), "t: has no single column at"),
        (schema().append(column("number", pa.int32())), "t: has no single column number"),
        (schema().with_metadata(None), "t: holds schema 'none' version 'none'"),
    ],
)
def test_what_is_not_the_schema_is_named(found: pa.Schema, words: str) -> None:
    with pytest.raises(UserError, match=words):
        check_schema("t", found, POINTS)


def test_the_fix_tells_another_table_from_an_older_one() -> None:
    for name, fix in ((b"lines", "give a table of points"), (b"points", "delete the file")):
        marked = schema().with_metadata({b"schema": name, b"schema_version": b"0"})
        with pytest.raises(UserError) as caught:
            check_schema("t", marked, POINTS)
        assert fix in caught.value.fix


def test_nulls_and_what_is_not_finite_are_named_by_their_column() -> None:
    check_values("t", pa.table({"a": [1, 2], "b": [0.5, 1.5]}))
    with pytest.raises(UserError, match="t: column a holds 1 nulls"):
        check_values("t", pa.table({"a": [1, None]}))
    with pytest.raises(UserError, match="t: column b holds a value that is not finite"):
        check_values("t", pa.table({"a": [1, 2], "b": [[0.5], [float("inf")]]}))


def test_only_numbers_of_a_slice_are_looked_at() -> None:
    values = pa.array([float("nan"), 1.0])
    assert not is_finite(values)
    assert is_finite(values.slice(1))
    assert is_finite(pa.array(["nan"]))


def test_metadata_are_json_of_the_kind_asked_for() -> None:
    assert json_entry("t", {"key": "[1]"}, "key", list) == [1]
    for text in ("{}", "[", ""):
        with pytest.raises(UserError, match="t: its metadata hold no usable 'key'"):
            json_entry("t", {"key": text}, "key", list)
    with pytest.raises(UserError, match="no usable 'key'"):
        json_entry("t", {}, "key", list)


def test_names_of_classes_stand_in_the_order_of_their_ids() -> None:
    found = class_names("t", {"classes": '{"10": "ring", "9": "star", "-1": "none"}'}, "classes")
    assert list(found.items()) == [(-1, "none"), (9, "star"), (10, "ring")]
    with pytest.raises(UserError, match="no usable 'classes'"):
        class_names("t", {"classes": '{"one": "ring"}'}, "classes")
