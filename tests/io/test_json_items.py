import json
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uvis_core.io import json_items
from uvis_core.io.errors import UserError
from uvis_core.io.json_items import iterate_items, iterate_list

ENTRIES = [{"a": [1, 2, {"b": "x]},{"}]}, {}, {"c": "é" * 50}, {"d": None}]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("repeated", [1, 20_000])
def test_gives_what_json_gives(tmp_path, indent, repeated):
    path = tmp_path / "list.json"
    entries = ENTRIES * repeated
    path.write_text(json.dumps(entries, indent=indent, ensure_ascii=False) + "\n", encoding="utf-8")
    assert list(iterate_list(path)) == entries


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(
    values=st.lists(JSON, max_size=5),
    piece=st.integers(1, 70),
    indent=st.sampled_from([None, 3]),
    ascii_only=st.booleans(),
)
def test_wherever_the_pieces_end(tmp_path_factory, values, piece, indent, ascii_only):
    path = tmp_path_factory.mktemp("pieces") / "object.json"
    whole = {"before": values, "a": {"b": values}, "after": values}
    text = json.dumps(whole, indent=indent, ensure_ascii=ascii_only)
    path.write_text(text, encoding="utf-8")
    with patch.object(json_items, "PIECE_BYTES", piece):
        assert list(iterate_items(path, "a.b")) == [values]
        assert list(iterate_items(path, "a.b.item")) == values
        assert list(iterate_items(path, "after")) == [values]


def test_numbers_stay_what_they_are(tmp_path):
    path = tmp_path / "list.json"
    values = [0, -7, 2**53 + 1, 0.1, 1e-300, 0.30000000000000004, 5.0, True, None]
    path.write_text(json.dumps(values))
    found = list(iterate_list(path))
    assert found == values
    assert list(map(type, found)) == list(map(type, values))


def test_lists_inside_an_object(tmp_path):
    path = tmp_path / "object.json"
    path.write_text(json.dumps({"a": {"b": [7]}, "b": ENTRIES, "c": [1]}))
    assert list(iterate_items(path, "b.item")) == ENTRIES
    assert list(iterate_items(path, "b")) == [ENTRIES]
    assert list(iterate_items(path, "d.item")) == []


def test_empty_list(tmp_path):
    path = tmp_path / "list.json"
    path.write_text("\n [ ] ")
    assert list(iterate_list(path)) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "begins with ''"),
        ('{"annotations": []}', "not with a list"),
        ('[{"a": 1}, {"b": ', "not valid json after 1 entries"),
        ('[{"a": 1}', "not valid json after 1 entries"),
        ('[{"a": 1}, nonsense]', "not valid json after 1 entries"),
        ('[{"a": 1}, {"score": NaN}]', "not valid json after 1 entries.*NaN"),
        ('[{"a": 1}, {"score": -Infinity}]', "not valid json after 1 entries.*-Infinity"),
        ('[{"a": 1}] []', "not valid json after 1 entries.*character 11"),
        ("[1, 2,]", "not valid json after 2 entries.*character 6"),
        ("[1 2]", "not valid json after 1 entries.*character 3"),
        ('["' + "a" * 999, "not valid json after 0 entries.*Unterminated"),
        (f"[{'9' * 5000}]", "not valid json after 0 entries.*beyond 64 bits"),
        (f"[1, {2**63}]", "not valid json after 1 entries.*beyond 64 bits"),
        (f"[1, {-(2**63) - 1}]", "not valid json after 1 entries.*beyond 64 bits"),
        ("[7, " + "[" * 100_000, "too deep in each other, after 1 entries"),
        ("[7, " + '{"a":' * 100_000, "too deep in each other, after 1 entries"),
    ],
)
def test_refuses_what_is_no_list(tmp_path, text, message):
    path = tmp_path / "list.json"
    path.write_text(text)
    with pytest.raises(UserError, match=message):
        list(iterate_list(path))


def test_refuses_what_is_no_utf8(tmp_path):
    path = tmp_path / "list.json"
    path.write_bytes(b'["a", "\xff"]')
    with pytest.raises(UserError, match=r"not valid json after 0 entries.*utf-8"):
        list(iterate_list(path))


def test_refuses_an_object_without_its_marks(tmp_path):
    path = tmp_path / "object.json"
    for text in ("{a: 1}", '{"a" 1}', '{"a": 1,}', '{"a": 1', "{1: 1}"):
        path.write_text(text)
        with pytest.raises(UserError, match="not valid json after"):
            list(iterate_items(path, "a"))


def test_reads_no_further_than_it_must(tmp_path):
    path = tmp_path / "object.json"
    path.write_text('{"a": [1], "b": nonsense' + " " * json_items.PIECE_BYTES * 3)
    assert next(iterate_items(path, "a")) == [1]


def test_a_damaged_entry_is_not_sought_to_the_end(tmp_path):
    path = tmp_path / "list.json"
    path.write_text("[1, nonsense" + " " * json_items.PIECE_BYTES * 3)
    with patch.object(
        json_items._Reader, "_read_on", autospec=True, side_effect=json_items._Reader._read_on
    ) as read:
        with pytest.raises(UserError, match="not valid json after 1 entries"):
            list(iterate_list(path))
        assert read.call_count == 1


def test_names_a_missing_file(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        list(iterate_list(tmp_path / "absent.json"))
