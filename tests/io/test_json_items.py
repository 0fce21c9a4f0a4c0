import json

import pytest

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
    ],
)
def test_refuses_what_is_no_list(tmp_path, text, message):
    path = tmp_path / "list.json"
    path.write_text(text)
    with pytest.raises(UserError, match=message):
        list(iterate_list(path))


def test_names_a_missing_file(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        list(iterate_list(tmp_path / "absent.json"))
