import unicodedata

import pytest

from uvis_core.frames.names import LONGEST_BYTES, fault_of_name, folded, is_text

ACCENTED = "café"


@pytest.mark.parametrize("name", ["a", "My clip.v2", "ä", "日本", "-", "a" * LONGEST_BYTES, "..."])
def test_what_names_a_folder_is_right(name: str) -> None:
    assert fault_of_name(name) is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "names no folder"),
        ("..", "names no folder"),
        (" a", "begins or ends with a space"),
        ("a\n", "begins or ends with a space"),
        ("a/b", "slash"),
        ("a\\b", "slash"),
        ("{a}", "brace"),
        ("a\x00b", "control character"),
        ("a\udcffb", "no text in UTF-8"),
        ("a" * (LONGEST_BYTES + 1), "201 bytes, more than 200"),
        ("語" * 67, "201 bytes, more than 200"),
    ],
)
def test_what_names_none_is_told_why(name: str, words: str) -> None:
    assert words in str(fault_of_name(name))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Clip", "clip"),
        (unicodedata.normalize("NFC", ACCENTED), unicodedata.normalize("NFD", ACCENTED)),
        ("CAFÉ", unicodedata.normalize("NFD", ACCENTED)),
        ("strasse", "STRASSE"),
    ],
)
def test_names_that_some_disk_takes_for_one_are_folded_to_one(one: str, other: str) -> None:
    assert one != other
    assert folded(one) == folded(other)


def test_other_names_stay_apart() -> None:
    assert len({folded(name) for name in ("a", "b", "ä", "a ", "a1")}) == 5


def test_bytes_of_another_encoding_are_no_text() -> None:
    assert is_text("caf\u00e9")
    assert not is_text(b"caf\xe9".decode("utf-8", "surrogateescape"))
