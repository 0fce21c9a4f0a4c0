from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uvis_core.explorer.corrections import Correction, Corrections, read_corrections, write_corrections
from uvis_core.io.errors import UserError

NAMES = ["star", 'dog, "big"', "<b>ring</b>"]
MANY = -(2**62)


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
            corrections.apply([mask_id], action)  # type: ignore[arg-type]
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
    ("verdict", "class_name", "words"),
    [
        ("rename", "cat", "class 'cat' is not one"),
        ("rename", "", "with class ''"),
        ("accept", "star", "verdict 'accept' with class 'star'"),
        ("maybe", "", "verdict 'maybe' is not known"),
    ],
)
def test_what_makes_no_sense_is_refused(path: Path, verdict: str, class_name: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        Corrections(path, NAMES).apply([1], verdict, class_name)  # type: ignore[arg-type]
    assert not path.exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the first line is None"),
        ("mask,verdict\n", "the first line is"),
        ("mask_id,verdict,class\n1,accept\n", "line 2"),
        ("mask_id,verdict,class\n1,accept,\nx,reject,\n", "line 3"),
        ("mask_id,verdict,class\n1,rename,cat\n", "line 2: class 'cat'"),
        ("mask_id,verdict,class\n1,perhaps,\n", "line 2: verdict 'perhaps'"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "c.csv"
    path.write_text(text)
    with pytest.raises(UserError, match=words):
        Corrections(path, NAMES)


def test_of_two_lines_about_one_mask_the_later_counts(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("mask_id,verdict,class\n1,accept,\n2,reject,\n1,reject,\n")
    assert list(read_corrections(path, NAMES).items()) == [
        (2, Correction("reject")),
        (1, Correction("reject")),
    ]


@given(st.dictionaries(st.integers(-(2**63), 2**63 - 1), st.sampled_from(["", *NAMES]), max_size=6))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, made: dict[int, str]
) -> None:
    path = tmp_path_factory.mktemp("made") / "c.csv"
    entries = {
        one: Correction("rename", name) if name else Correction("reject") for one, name in made.items()
    }
    write_corrections(path, entries)
    assert read_corrections(path, NAMES) == entries
