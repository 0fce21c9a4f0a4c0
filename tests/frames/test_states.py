import errno
import os
from pathlib import Path

import pytest

from uvis_core.frames.states import file_state, folder_states, names_in, states_digest
from uvis_core.io.errors import MachineError


def test_size_and_time_are_the_state(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    os.utime(tmp_path / "a", ns=(1, 7))
    assert file_state(tmp_path / "a") == (3, 7)
    (tmp_path / "link").symlink_to("a")
    assert file_state(tmp_path / "link") == (3, 7)


def test_what_is_no_file_has_none(tmp_path: Path) -> None:
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    for name in ("dangling", "loop", "folder", "pipe", "missing", "file/inside", "a" * 300):
        assert file_state(tmp_path / name) is None
    assert set(folder_states(tmp_path, lambda name: name != "file").values()) == {None}


@pytest.mark.parametrize("name", ["missing", "file", "loop"])
def test_what_is_no_folder_holds_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    assert names_in(tmp_path / name) == []
    assert folder_states(tmp_path / name, lambda _: True) == {}


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES, errno.ESTALE, errno.ENFILE])
def test_a_machine_that_does_not_say_is_named(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "stat", fail)
    monkeypatch.setattr(os, "listdir", fail)
    with pytest.raises(MachineError, match="a: cannot be looked at"):
        file_state("a")
    with pytest.raises(MachineError, match="a: cannot be listed"):
        names_in("a")


def test_a_missing_file_is_a_state_too() -> None:
    assert len({states_digest(states) for states in ([(1, 2)], [(1, 3)], [None], [], [None, (1, 2)])}) == 5
