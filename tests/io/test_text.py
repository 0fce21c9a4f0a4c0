import os
from pathlib import Path

import pytest

from uvis_core.io.errors import UserError
from uvis_core.io.text import open_file, read_text, unseen_character


@pytest.mark.parametrize("content", [b"a\nb", b"a\r\nb", b"a\rb", b"\xef\xbb\xbfa\nb"])
def test_lines_are_lines_of_every_system(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    assert read_text(tmp_path / "a.txt", "look") == "a\nb"


@pytest.mark.parametrize("content", [b"", b"a", b"\xef\xbb", b"\xef\xbb\xbf"])
def test_only_a_whole_byte_order_mark_is_left_out(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    with open_file(tmp_path / "a.txt", "look") as stream:
        assert stream.read() == content.removeprefix(b"\xef\xbb\xbf")


def test_what_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xff")
    with pytest.raises(UserError, match=r"a\.txt: is no text in UTF-8"):
        read_text(tmp_path / "a.txt", "look")
    with pytest.raises(UserError, match="no such file") as caught:
        read_text(tmp_path / "b.txt", "look")
    assert caught.value.fix == "look"


@pytest.mark.parametrize("text", ["a\0b", "a\tb", "a\u200bb", "a\ufeffb", "a\u2028b", "a\u202eb", "a\ud800b"])
def test_characters_that_no_reader_sees_are_found(text: str) -> None:
    assert unseen_character(text) == text[1]


@pytest.mark.parametrize("text", ["", "sea lion", "سگ\u200cها", "犬", "🐕\u200d🦺"])
def test_letters_of_all_scripts_are_seen(text: str) -> None:
    assert unseen_character(text) is None


def test_a_pipe_that_a_shell_hands_over_is_read() -> None:
    reading, writing = os.pipe()
    try:
        os.write(writing, b"\xef\xbb\xbf{}")
        os.close(writing)
        with open_file(f"/dev/fd/{reading}", "look") as stream:
            assert stream.read() == b"{}"
    finally:
        os.close(reading)
