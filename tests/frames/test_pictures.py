import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uvis_core.frames.pictures import picture_id, pictures_below
from uvis_core.io.errors import MachineError


def is_picture(name: str) -> bool:
    return name.endswith(".jpg")


def below(root: Path) -> list[tuple[str, str]]:
    return list(pictures_below(str(root), is_picture))


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


NAMES = st.text("a%2F", min_size=1, max_size=3)


@given(st.lists(NAMES, min_size=1, max_size=3), st.lists(NAMES, min_size=1, max_size=3))
def test_no_two_pictures_share_an_id(one: list[str], other: list[str]) -> None:
    ids = [picture_id("/".join(path[:-1]), path[-1]) for path in (one, other)]
    assert (ids[0] == ids[1]) == (one == other)
    assert not any("/" in name for name in ids)


def test_pictures_are_found_at_any_depth_in_order(tmp_path: Path) -> None:
    touch(tmp_path, "z.jpg", "b/2.jpg", "b/10.jpg", "a/x/y/1.jpg", "a.txt", ".git/1.jpg", "empty/.keep")
    assert below(tmp_path) == [("", "z.jpg"), ("a/x/y", "1.jpg"), ("b", "10.jpg"), ("b", "2.jpg")]


def test_the_listing_streams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "a/1.jpg", "b/1.jpg", "c/1.jpg")
    listed: list[str] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: listed.append(path) or scandir(path))
    found = pictures_below(str(tmp_path), is_picture)
    assert next(found) == ("a", "1.jpg")
    assert listed == [str(tmp_path), f"{tmp_path}/a"]


def test_links_are_followed_but_never_in_a_circle(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    touch(tmp_path, "root/a/1.jpg", "root/b/2.jpg", "elsewhere/3.jpg")
    for link, target in (
        ("c", "../elsewhere"),
        ("a/back", "../../root"),
        ("a/over", "../b"),
        ("b/over", "../a"),
    ):
        (tmp_path / "root" / link).symlink_to(target)
    (tmp_path / "root/lost.jpg").symlink_to("nowhere")
    (tmp_path / "root/own.jpg").symlink_to("own.jpg")
    with caplog.at_level("WARNING", "uvis"):
        found = below(tmp_path / "root")
    # What leads nowhere is listed, so that it is named when it cannot be read.
    assert found == [
        ("", "lost.jpg"),
        ("", "own.jpg"),
        ("a", "1.jpg"),
        ("a/over", "2.jpg"),
        ("b", "2.jpg"),
        ("b/over", "1.jpg"),
        ("c", "3.jpg"),
    ]
    assert "root/a/back: left out, a link that leads back" in caplog.text


def test_a_folder_that_is_called_like_a_picture_is_a_folder(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg/1.jpg")
    assert below(tmp_path) == [("a.jpg", "1.jpg")]


def test_a_folder_that_the_machine_does_not_list_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", fail)
    with pytest.raises(MachineError, match="cannot be listed"):
        below(tmp_path)


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert below(tmp_path / "nowhere") == []
