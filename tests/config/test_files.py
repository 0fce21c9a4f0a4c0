from pathlib import Path

import pytest

from uvis_core.config.files import check_file
from uvis_core.io.errors import UserError


def test_every_file_that_comes_along_passes(pytestconfig: pytest.Config) -> None:
    files = [pytestconfig.rootpath / "config.yaml", *(pytestconfig.rootpath / "presets").iterdir()]
    assert len(files) > 5
    for path in files:
        check_file(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nb: {c: 1, d: 2, c: 3}\n", "'c' stands twice in one block, in lines 2 and 2"),
        ('{"a": {"b": 1, "b": 1}}', "'b' stands twice in one block"),
        ("a: &a {b: *a}\n", "more than 100000"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(UserError, match=words) as caught:
        check_file(tmp_path / "mine.yaml")
    assert "mine.yaml" in caught.value.message


@pytest.mark.parametrize(
    "text", ["", "# a\n", "a: 1\nb: {a: 1}\n", "a: &a [1, 2]\nb: [*a, *a]\n", '{"a": {"a": 1}}']
)
def test_equal_keys_of_different_blocks_pass(tmp_path: Path, text: str) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    check_file(tmp_path / "mine.yaml")
