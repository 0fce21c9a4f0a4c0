import json

import pytest

from uvis_core.evaluation.json_list import iterate_list
from uvis_core.io.errors import UserError

ENTRIES = [{"a": [1, 2, {"b": "x]},{"}]}, {}, {"c": "é" * 50}, {"d": None}]


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 50, 10_000])
@pytest.mark.parametrize("indent", [None, 2])
def test_gives_what_json_gives_for_any_chunk(tmp_path, chunk, indent):
    path = tmp_path / "list.json"
    path.write_text(json.dumps(ENTRIES, indent=indent, ensure_ascii=False) + "\n", encoding="utf-8")
    assert list(iterate_list(path, chunk)) == ENTRIES


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
    ],
)
def test_refuses_what_is_no_list(tmp_path, text, message):
    path = tmp_path / "list.json"
    path.write_text(text)
    with pytest.raises(UserError, match=message):
        list(iterate_list(path, 4))


def test_names_a_missing_file(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        list(iterate_list(tmp_path / "absent.json"))
