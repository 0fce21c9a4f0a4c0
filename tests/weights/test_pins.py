import hashlib
import os

import pytest

from uvis_core.io.atomic import read_json
from uvis_core.io.errors import UserError
from uvis_core.weights import pins
from uvis_core.weights.pins import check_pinned, hash_of, pin_file, verify

FIRST = hashlib.sha256(b"first").hexdigest()
OTHER = hashlib.sha256(b"other").hexdigest()


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "model.pth"
    path.write_bytes(b"first")
    return path


@pytest.fixture
def readings(monkeypatch):
    """The files that were read in whole, in order."""
    read = []
    monkeypatch.setattr(pins, "hash_of", lambda path: (read.append(path), hash_of(path))[1])
    return read


def later(path):
    """Give the file a later time of change, as a copy has it."""
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))


def test_the_first_use_pins_and_later_ones_only_look(path, readings):
    for _ in range(3):
        check_pinned(path)
    assert readings == [path]
    assert read_json(pin_file(path)) == {
        "sha256": FIRST,
        "bytes": 5,
        "modified_ns": path.stat().st_mtime_ns,
    }


def test_a_copy_is_read_once_more(path, readings):
    check_pinned(path)
    later(path)
    check_pinned(path)
    check_pinned(path)
    assert len(readings) == 2


@pytest.mark.parametrize("content", [b"other", b"another size"])
@pytest.mark.parametrize("check", [check_pinned, verify])
def test_another_content_is_refused_until_the_pin_is_gone(path, content, check):
    check(path)
    path.write_bytes(content)
    later(path)
    found = hashlib.sha256(content).hexdigest()
    for _ in range(2):
        with pytest.raises(UserError, match=f"{found}, pinned is {FIRST}") as caught:
            check(path)
        assert str(path) in caught.value.message
        assert str(pin_file(path)) in caught.value.fix
    pin_file(path).unlink()
    check(path)
    assert read_json(pin_file(path))["sha256"] == found


def test_another_size_is_noticed_whatever_the_time_says(path):
    check_pinned(path)
    changed = path.stat().st_mtime_ns
    path.write_bytes(b"another size")
    os.utime(path, ns=(changed, changed))
    with pytest.raises(UserError, match="pinned is"):
        check_pinned(path)


def test_what_is_published_comes_before_the_first_use(path):
    with pytest.raises(UserError, match=f"{FIRST}, expected {OTHER[:8]}") as caught:
        check_pinned(path, OTHER[:8], "https://publisher.example")
    assert "https://publisher.example" in caught.value.fix
    assert not pin_file(path).exists()
    check_pinned(path, FIRST[:8])
    with pytest.raises(UserError, match="is not the published file"):
        check_pinned(path, OTHER[:8])


def test_a_folder_that_cannot_be_written(path, readings, monkeypatch, caplog):
    monkeypatch.setattr(os, "access", lambda *_arguments: False)
    check_pinned(path)
    assert readings == []
    assert not pin_file(path).exists()
    verify(path)
    later(path)
    before = pin_file(path).read_bytes()
    check_pinned(path)
    assert "until its pin can be renewed" in caplog.text
    assert pin_file(path).read_bytes() == before
    path.write_bytes(b"other")
    later(path)
    with pytest.raises(UserError, match=f"{OTHER}, pinned is {FIRST}"):
        check_pinned(path)


def test_a_file_that_cannot_be_read_is_not_called_another(path):
    check_pinned(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(UserError, match="cannot be read") as caught:
        check_pinned(path)
    assert "SHA-256" not in str(caught.value)
