import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from uvis_core.io import atomic
from uvis_core.io.atomic import (
    atomic_path,
    partial_path,
    read_json,
    read_json_object,
    write_json,
    write_text,
)
from uvis_core.io.errors import MachineError, UserError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write_half(target: Path, error: BaseException) -> None:
    with atomic_path(target) as temporary:
        temporary.write_text("half")
        raise error


def test_a_file_appears_whole_and_alone(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "a.txt"
    with atomic_path(target) as temporary:
        assert temporary.suffix == ".txt"
        temporary.write_text("new")
        assert not target.exists()
    assert target.read_text() == "new"
    assert names(target.parent) == ["a.txt"]


@pytest.mark.parametrize("error", [ValueError("bad"), KeyboardInterrupt(), UserError("bad", fix="mend")])
def test_a_failure_leaves_the_old_file(tmp_path: Path, error: BaseException) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(type(error)):
        write_half(target, error)
    assert target.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_full_disk_is_said_in_words(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(UserError, match="No space left"):
        write_half(target, OSError(errno.ENOSPC, "No space left on device"))
    assert target.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_json_and_text_come_back(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"é": [1, None, 2.5]})
    assert read_json(tmp_path / "a.json") == {"é": [1, None, 2.5]}
    write_text(tmp_path / "a.txt", "é")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "é"


def test_json_without_numbers_is_refused_before_it_exists(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "a.json", float("nan"))
    assert names(tmp_path) == []


@pytest.mark.parametrize("content", [b"", b'{"a": 1', b"\xff\xfe"])
def test_broken_json_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(UserError, match=r"a\.json: not valid JSON"):
        read_json(tmp_path / "a.json")


def test_missing_json_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"a\.json: no such file"):
        read_json(tmp_path / "a.json")


def test_a_reader_of_something_missing_inside_the_block_is_not_blamed_on_writing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_path(tmp_path / "a.txt"):
        (tmp_path / "missing").read_text()
    assert names(tmp_path) == []


def test_a_folder_is_not_written_over(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is a folder, where a file is to be written"):
        write_text(tmp_path, "text")


@pytest.mark.parametrize(
    ("number", "fix"),
    [
        (errno.EDQUOT, "free some space"),
        (errno.EROFS, "mount it for writing"),
        (errno.EACCES, "give permission"),
    ],
)
def test_what_the_machine_refuses_is_no_fault_of_the_input(tmp_path: Path, number: int, fix: str) -> None:
    with pytest.raises(MachineError) as caught:
        write_half(tmp_path / "a.txt", OSError(number, os.strerror(number)))
    assert fix in caught.value.fix


@pytest.mark.parametrize("content", [b"[" * 100_000, b'"\xff"', b"\0"], ids=["deep", "no text", "zero"])
def test_json_that_breaks_readers_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(UserError, match=r"a\.json: not valid JSON"):
        read_json(tmp_path / "a.json")


def test_json_that_the_machine_cannot_read_is_not_called_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    (tmp_path / "a.json").write_text("{}")
    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(MachineError, match=r"a\.json: cannot be read"):
        read_json(tmp_path / "a.json")


def test_a_folder_is_no_json(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no file"):
        read_json(tmp_path)


KILLED = """
import os, signal, sys
from pathlib import Path
from uvis_core.io.atomic import atomic_path
with atomic_path(sys.argv[1]) as temporary:
    temporary.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_next_writer_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, tmp_path / "a.parquet"], check=False)
    assert killed.returncode < 0
    (left,) = names(tmp_path)
    assert left.endswith(".parquet")
    write_text(tmp_path / "b.txt", "whole")
    assert names(tmp_path) == ["b.txt"]


def test_what_a_living_writer_or_one_of_another_machine_writes_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with atomic_path(tmp_path / "a.txt") as own:
        own.write_text("half")
        monkeypatch.setattr(atomic, "this_machine", lambda: "another")
        monkeypatch.setattr(atomic, "is_gone", lambda pid: True)
        foreign = partial_path(tmp_path / "a.txt")
        assert foreign != own
        foreign.write_text("half")
        monkeypatch.undo()
        write_text(tmp_path / "b.txt", "whole")
        assert names(tmp_path) == sorted([own.name, foreign.name, "b.txt"])


@pytest.mark.parametrize("name", ["n" * 247 + ".parquet", "Mr. " + "n" * 251, "é" * 120 + ".json"])
def test_any_name_that_a_file_may_have_can_be_written(tmp_path: Path, name: str) -> None:
    write_text(tmp_path / name, "whole")
    assert (tmp_path / name).read_text() == "whole"
    assert names(tmp_path) == [name]


def test_a_folder_that_may_not_be_looked_into_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    for step in ("is_dir", "mkdir"):
        with monkeypatch.context() as patch:
            patch.setattr(Path, step, refuse)
            with pytest.raises(MachineError, match=r"a\.txt: cannot be written \(Permission denied\)"):
                write_text(tmp_path / "a.txt", "text")


def test_a_read_only_folder_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    # Linux refuses to remove a file there before it looks whether there is one.
    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(MachineError, match="Read-only file system"):
        write_json(tmp_path / "a.json", {})


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_does_not_have_are_refused(tmp_path: Path, constant: str) -> None:
    (tmp_path / "a.json").write_text(f'{{"a": {constant}}}')
    with pytest.raises(UserError, match=rf"a\.json: not valid JSON \({constant} is no number"):
        read_json(tmp_path / "a.json")


def test_an_object_has_its_keys(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"a": 1, "b": 2})
    assert read_json_object(tmp_path / "a.json", "b") == {"a": 1, "b": 2}
    with pytest.raises(UserError, match=r"a\.json: holds no JSON object with c, d\n"):
        read_json_object(tmp_path / "a.json", "a", "c", "d")
    write_json(tmp_path / "a.json", [])
    with pytest.raises(UserError, match="holds no JSON object"):
        read_json_object(tmp_path / "a.json")
