import json
from pathlib import Path

import pytest

from tests.exports.made import NAMES, Shards
from uvis_core.exports.content import Content
from uvis_core.exports.folder import write_folder
from uvis_core.exports.tracks import track_content
from uvis_core.io.errors import UserError


def write_two(folder: Path, content: Content) -> None:
    (folder / "b").mkdir()
    (folder / "b" / "1.txt").write_text("one")
    (folder / "a.txt").write_text("two")


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_the_index_names_all_files_and_older_ones_are_gone(shards: Shards, tmp_path: Path) -> None:
    content = track_content(shards.tracks, shards.frames, NAMES)
    folder = tmp_path / "out" / "test"
    (folder / "gone").mkdir(parents=True)
    (folder / "gone" / "video.txt").write_text("of a video that is no longer planned")
    write_folder(folder / "index.json", "made", write_two, content)
    index = json.loads((folder / "index.json").read_text())
    assert index == {"format": "made", "of": "tracks", "files": ["a.txt", "b/1.txt"]}
    assert names(tmp_path / "out") == ["test/a.txt", "test/b/1.txt", "test/index.json"]


def test_what_fails_leaves_the_older_export_and_nothing_half(shards: Shards, tmp_path: Path) -> None:
    content = track_content(shards.tracks, shards.frames, NAMES)
    folder = tmp_path / "out" / "test"
    write_folder(folder / "index.json", "made", write_two, content)

    def fail(place: Path, content: Content) -> None:
        write_two(place, content)
        raise UserError("no", fix="none")

    with pytest.raises(UserError, match="no"):
        write_folder(folder / "index.json", "made", fail, content)
    assert names(tmp_path / "out") == ["test/a.txt", "test/b/1.txt", "test/index.json"]


def test_what_a_killed_job_left_is_cleared(shards: Shards, tmp_path: Path) -> None:
    content = track_content(shards.tracks, shards.frames, NAMES)
    (tmp_path / ".partial-test").mkdir()
    (tmp_path / ".partial-test" / "half.txt").write_text("half")
    write_folder(tmp_path / "test" / "index.json", "made", write_two, content)
    assert not (tmp_path / ".partial-test").exists()
    assert names(tmp_path / "test") == ["a.txt", "b/1.txt", "index.json"]


def test_the_index_is_asked_for_by_its_name(shards: Shards, tmp_path: Path) -> None:
    content = track_content(shards.tracks, shards.frames, NAMES)
    with pytest.raises(UserError, match=r"out\.json: made is a folder of files"):
        write_folder(tmp_path / "out.json", "made", write_two, content)
