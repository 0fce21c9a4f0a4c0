from pathlib import Path
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uvis_core.explorer.corrections import Corrections
from uvis_core.io.corrections import Correction, Verdict, read_corrections
from uvis_core.io.errors import UserError

NAMES = ["star", 'dog, "big"', "<b>ring</b>"]
MANY = 2**62


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "explorer" / "corrections.csv"


def test_every_action_is_on_the_disk_at_once(path: Path) -> None:
    corrections = Corrections(path, NAMES)
    assert not path.exists()
    assert corrections.apply([3, MANY], "reject") == 2
    assert path.read_text() == f"mask_id,verdict,class\n3,reject,\n{MANY},reject,\n"
    corrections.apply([3], "rename", 'dog, "big"')
    assert path.read_text() == f'mask_id,verdict,class\n{MANY},reject,\n3,rename,"dog, ""big"""\n'
    assert [one.name for one in path.parent.iterdir()] == ["corrections.csv"]


def test_after_a_crash_all_is_there(path: Path) -> None:
    Corrections(path, NAMES).apply([1, 2], "accept")
    again = Corrections(path, NAMES)
    assert again.entries == {1: Correction("accept"), 2: Correction("accept")}
    again.apply([2], "rename", "star")
    assert Corrections(path, NAMES).entries == {1: Correction("accept"), 2: Correction("rename", "star")}


def test_undo_takes_action_after_action_back(path: Path) -> None:
    corrections = Corrections(path, NAMES)
    corrections.apply([1, 2], "accept")
    corrections.apply([2, 3], "reject")
    corrections.remove([1, 3, 9])
    assert corrections.entries == {2: Correction("reject")}
    assert corrections.undo() == 2
    assert corrections.entries.keys() == {1, 2, 3}
    assert corrections.undo() == 2
    assert corrections.entries == {1: Correction("accept"), 2: Correction("accept")}
    assert read_corrections(path, NAMES) == corrections.entries
    assert corrections.undo() == 2
    assert corrections.entries == {}
    assert corrections.undo() == 0
    assert path.read_text() == "mask_id,verdict,class\n"


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(["accept", "reject", "undo", "remove"])), max_size=8
    )
)
def test_the_file_always_holds_what_is_shown(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[int, str]]
) -> None:
    path = tmp_path_factory.mktemp("made") / "c.csv"
    corrections = Corrections(path, NAMES)
    for mask_id, action in actions:
        if action == "undo":
            corrections.undo()
        elif action == "remove":
            corrections.remove([mask_id])
        else:
            corrections.apply([mask_id], cast(Verdict, action))
        assert not path.exists() or read_corrections(path, NAMES) == corrections.entries
    while corrections.undo():
        pass
    assert corrections.entries == {}


def test_what_another_process_wrote_is_not_lost(path: Path) -> None:
    first, second = Corrections(path, NAMES), Corrections(path, NAMES)
    first.apply([1], "accept")
    second.apply([2], "reject")
    first.apply([3], "reject")
    assert set(read_corrections(path, NAMES)) == {1, 2, 3}


def test_an_action_that_cannot_be_written_has_not_happened(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corrections = Corrections(path, NAMES)
    corrections.apply([1], "accept")

    def full(*_: object) -> None:
        raise UserError("full", fix="free some space")

    monkeypatch.setattr("uvis_core.explorer.corrections.write_corrections", full)
    with pytest.raises(UserError):
        corrections.apply([2], "reject")
    assert corrections.entries == {1: Correction("accept")}
    with pytest.raises(UserError):
        corrections.undo()
    assert corrections.undoable == 1


def test_the_version_changes_with_every_action(path: Path) -> None:
    corrections = Corrections(path, NAMES)
    versions = [corrections.version]
    corrections.apply([1], "accept")
    versions.append(corrections.version)
    corrections.undo()
    versions.append(corrections.version)
    assert len(set(versions)) == 3


@pytest.mark.parametrize(
    ("verdict", "class_name"), [("rename", "cat"), ("rename", ""), ("accept", "star"), ("reject", "cat")]
)
def test_what_makes_no_sense_is_refused(path: Path, verdict: Verdict, class_name: str) -> None:
    with pytest.raises(UserError, match=f"verdict {verdict} with class '{class_name}'"):
        Corrections(path, NAMES).apply([1], verdict, class_name)
    assert not path.exists()


def test_a_file_that_cannot_be_used_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("mask_id,verdict,class\n1,rename,cat\n")
    with pytest.raises(UserError, match="line 2: class 'cat'"):
        Corrections(path, NAMES)
    assert path.read_text().endswith("1,rename,cat\n")
