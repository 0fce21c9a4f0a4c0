import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from uvis_core.config.frames import FramesSettings, SourceSettings
from uvis_core.frames import ytvis_listing
from uvis_core.frames.extraction import extract_shard
from uvis_core.frames.sources import VideoEntry, entries_of_files, image_files, list_videos, state_of
from uvis_core.io.errors import UserError
from uvis_core.io.images import write_image


def touch(folder: Path, *names: str) -> str:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return str(folder)


def videos(path: str | tuple[str, ...]) -> SourceSettings:
    return SourceSettings(kind="videos", path=path)


def ytvis(path: Path, content: Any) -> SourceSettings:
    path.write_text(json.dumps(content))
    return SourceSettings(kind="ytvis", path=str(path), image_root="root")


def test_videos_of_a_folder_are_listed_by_name(tmp_path: Path) -> None:
    folder = touch(tmp_path, "b.MP4", "a.mov", "notes.txt", ".hidden.mp4", "deeper/c.mp4", "my clip.v2.webm")
    found = list_videos(videos(folder))
    assert [entry.video_id for entry in found] == ["a", "b", "my clip.v2"]
    assert replace(found[0], state="") == VideoEntry("a", "video", f"{folder}/a.mov")


def test_what_lies_beside_the_videos_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "a.mp4").touch()
    (tmp_path / ".hidden").touch()
    source = SourceSettings(kind="videos", path=str(tmp_path))
    list_videos(source)
    assert caplog.messages == []
    for name in ("b.wmv", "c\x1b.ts", *(f"note-{number}.txt" for number in range(4))):
        (tmp_path / name).touch()
    (tmp_path / "more").mkdir()
    assert [entry.video_id for entry in list_videos(source)] == ["a"]
    (said,) = caplog.messages
    assert said.startswith(f"{tmp_path}: 7 left out, not called like a video (.avi, ")
    assert said.endswith("): b.wmv, c\\x1b.ts, more, note-0.txt, note-1.txt, ...")


def test_a_list_of_files_and_folders_is_joined(tmp_path: Path) -> None:
    touch(tmp_path, "one/a.mp4", "two/b.mkv")
    found = list_videos(videos((str(tmp_path / "two" / "b.mkv"), str(tmp_path / "one"))))
    assert [entry.video_id for entry in found] == ["a", "b"]


def test_equal_names_are_refused_naming_both(tmp_path: Path) -> None:
    folder = touch(tmp_path, "a.mp4", "a.mov")
    with pytest.raises(UserError, match=r"a\.mov and .*a\.mp4|a\.mp4 and .*a\.mov"):
        list_videos(videos(folder))


def test_an_empty_folder_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"\.avi, \.m4v, \.mkv, \.mov, \.mp4, \.webm"):
        list_videos(videos(str(tmp_path)))


def test_what_is_missing_or_no_video_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere: no such file or folder"):
        list_videos(videos("nowhere"))
    touch(tmp_path, "a.txt")
    with pytest.raises(UserError, match=r"a\.txt: not a video"):
        list_videos(videos((str(tmp_path / "a.txt"),)))


@pytest.mark.parametrize("name", ["a{b}.mp4", "a\nb.mp4", "a\\b.mp4", " a.mp4", "a .mp4"])
def test_names_that_cannot_name_a_folder_are_refused(tmp_path: Path, name: str) -> None:
    touch(tmp_path, name)
    with pytest.raises(UserError, match="cannot be used"):
        list_videos(videos(str(tmp_path)))


def test_files_that_do_not_exist_yet_are_listed_too() -> None:
    assert [entry.video_id for entry in entries_of_files(["later/b.mp4", "later/a.mp4"])] == ["a", "b"]
    with pytest.raises(UserError, match="two videos"):
        entries_of_files(["one/a.mp4", "two/a.mp4"])


def test_frame_folders_hold_one_video_each(tmp_path: Path) -> None:
    root = touch(tmp_path, "b/1.jpg", "a/1.png", "empty/readme.txt", "loose.jpg", ".git/1.jpg")
    found = list_videos(SourceSettings(kind="frame_folders", path=root))
    assert [replace(entry, state="") for entry in found] == [
        VideoEntry("a", "images", f"{root}/a", ("1.png",)),
        VideoEntry("b", "images", f"{root}/b", ("1.jpg",)),
    ]
    assert list_videos(SourceSettings(kind="frame_folders", path=(f"{root}/b",))) == found[1:]


@pytest.mark.parametrize("path", ["", ("empty",)])
def test_folders_without_images_are_refused(tmp_path: Path, path: str | tuple[str, ...]) -> None:
    touch(tmp_path, "empty/readme.txt")
    full = str(tmp_path / path) if isinstance(path, str) else tuple(str(tmp_path / name) for name in path)
    with pytest.raises(UserError, match="images"):
        list_videos(SourceSettings(kind="frame_folders", path=full))


def test_every_picture_is_a_video_of_one_frame(tmp_path: Path) -> None:
    root = touch(
        tmp_path, "b/1.jpg", "a/deep/er/1.PNG", "top.webp", "a/notes.txt", ".hidden/1.jpg", "b/.1.jpg"
    )
    found = list_videos(SourceSettings(kind="images", path=root + "/"))
    assert [replace(entry, state="") for entry in found] == [
        VideoEntry("a%2Fdeep%2Fer%2F1.PNG", "images", f"{root}/a/deep/er", ("1.PNG",)),
        VideoEntry("b%2F1.jpg", "images", f"{root}/b", ("1.jpg",)),
        VideoEntry("top.webp", "images", f"{root}/", ("top.webp",)),
    ]


def test_a_picture_that_cannot_be_read_fails_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for number, name in enumerate(("a/0", "b/0", "c")):
        write_image(Path(f"root/{name}.png"), np.full((4 + number, 4, 3), 9, dtype=np.uint8))
    Path("root/b/0.png").write_bytes(b"no image")
    entries = list_videos(SourceSettings(kind="images", path="root"))
    columns, failures, _ = extract_shard(entries, FramesSettings(), "images")
    assert columns["video_id"] == ["a%2F0.png", "c.png"]
    assert columns["path"] == ["root/a/0.png", "root/c.png"]
    assert columns["height_px"] == [4, 6]
    assert [(failure["video_id"], failure["path"]) for failure in failures] == [("b%2F0.png", "root/b")]
    assert "root/b/0.png" in failures[0]["reason"]


def test_images_follow_their_numbers(tmp_path: Path) -> None:
    touch(tmp_path, "f10.jpg", "f2.jpg", "f002.jpg", "f1.JPEG", "cover.txt", "f²3.jpg")
    assert image_files(tmp_path) == ["f1.JPEG", "f002.jpg", "f2.jpg", "f10.jpg", "f²3.jpg"]


def test_a_json_lists_its_images_in_its_order(tmp_path: Path) -> None:
    content = {
        "videos": [{"id": 2, "file_names": ["b/1.jpg", "b/0.jpg"]}, {"id": 1, "file_names": ["0.jpg"]}]
    }
    found = list_videos(ytvis(tmp_path / "t.json", content))
    assert [replace(entry, state="") for entry in found] == [
        VideoEntry("1", "images", "root", ("0.jpg",), number=1),
        VideoEntry("b", "images", "root", ("b/1.jpg", "b/0.jpg"), number=2),
    ]


def source_of_one_file(folder: Path, kind: str) -> tuple[SourceSettings, Path]:
    """A source of one video of one file, and that file."""
    if kind == "videos":
        return videos(touch(folder, "clips/a.mp4") + "/clips"), folder / "clips/a.mp4"
    touch(folder, "root/a/0.jpg")
    if kind in ("frame_folders", "images"):
        return SourceSettings(kind=kind, path=str(folder / "root")), folder / "root/a/0.jpg"
    source = ytvis(folder / "t.json", {"videos": [{"id": 1, "file_names": ["a/0.jpg"]}]})
    return source.model_copy(update={"image_root": str(folder / "root")}), folder / "root/a/0.jpg"


@pytest.mark.parametrize("kind", ["videos", "frame_folders", "images", "ytvis"])
def test_a_replaced_file_is_another_state_of_its_video(tmp_path: Path, kind: str) -> None:
    source, file = source_of_one_file(tmp_path, kind)
    (before,) = list_videos(source)
    assert before.state
    assert list_videos(source) == [before]
    file.write_bytes(b"longer")
    (longer,) = list_videos(source)
    os.utime(file, ns=(1, 1))
    (older,) = list_videos(source)
    assert len({before.state, longer.state, older.state}) == 3
    assert replace(older, state="") == replace(before, state="")


def test_an_image_that_is_missing_is_a_state_too(tmp_path: Path) -> None:
    source, file = source_of_one_file(tmp_path, "ytvis")
    (before,) = list_videos(source)
    file.unlink()
    (without,) = list_videos(source)
    file.parent.rmdir()
    assert list_videos(source) == [without]
    assert before != without


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"videos": []}, "lists no videos"),
        ([], "lists no videos"),
        ({"videos": [{"id": 1}]}, "no file_names"),
        ({"videos": [{"file_names": ["a/0.jpg"]}]}, "no id"),
        ({"videos": [{"id": 1, "file_names": ["../a/0.jpg"]}]}, "leads out of the image root"),
        ({"videos": [{"id": 1, "file_names": ["/etc/passwd"]}]}, "leads out of the image root"),
        ({"videos": [{"id": 1, "name": "../up", "file_names": ["a/0.jpg"]}]}, "cannot be used"),
        ({"videos": [{"id": 1, "name": "..", "file_names": ["a/0.jpg"]}]}, "cannot be used"),
        (
            {"videos": [{"id": n, "file_names": [f"{n}/v/0.jpg"]} for n in (1, 2)]},
            "two videos are called 'v'",
        ),
    ],
)
def test_a_bad_json_is_refused(tmp_path: Path, content: Any, words: str) -> None:
    with pytest.raises(UserError, match=words):
        list_videos(ytvis(tmp_path / "t.json", content))


def test_a_listing_is_kept_until_the_json_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = ytvis(tmp_path / "t.json", {"videos": [{"id": 1, "file_names": ["a/0.jpg"]}]})
    first = list_videos(source, tmp_path / "cache")
    read = ytvis_listing.iterate_items
    opened: list[str] = []
    monkeypatch.setattr(
        ytvis_listing,
        "iterate_items",
        lambda path, place: opened.append(Path(path).name) or read(path, place),
    )
    assert list_videos(source, tmp_path / "cache") == first
    assert "t.json" not in opened
    source = ytvis(tmp_path / "t.json", {"videos": [{"id": 1, "file_names": ["b/0.jpg"]}]})
    os.utime(tmp_path / "t.json", ns=(1, 1))
    assert [entry.video_id for entry in list_videos(source, tmp_path / "cache")] == ["b"]
    assert "t.json" in opened


def test_a_damaged_listing_is_made_anew(tmp_path: Path) -> None:
    source = ytvis(tmp_path / "t.json", {"videos": [{"id": 1, "file_names": ["a/0.jpg"]}]})
    first = list_videos(source, tmp_path / "cache")
    for content in ("{", "{}", "[]"):
        next((tmp_path / "cache").iterdir()).write_text(content)
        assert list_videos(source, tmp_path / "cache") == first


def test_a_missing_json_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"t\.json: no such file"):
        list_videos(SourceSettings(kind="ytvis", path=str(tmp_path / "t.json"), image_root="root"))


def test_an_image_that_leads_nowhere_fails_its_video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Left out, it would be one frame fewer, and all frames after it would be at another place."""
    monkeypatch.chdir(tmp_path)
    for name in ("a/0", "a/2", "b/0"):
        write_image(Path(f"root/{name}.png"), np.zeros((4, 4, 3), dtype=np.uint8))
    Path("root/a/1.png").symlink_to("1.png")
    entries = list_videos(SourceSettings(kind="frame_folders", path="root"))
    assert entries[0].file_names == ("0.png", "1.png", "2.png")
    columns, failures, _ = extract_shard(entries, FramesSettings(), "images")
    assert set(columns["video_id"]) == {"b"}
    assert ["a/1.png" in failure["reason"] for failure in failures] == [True]


@pytest.mark.parametrize(("one", "other"), [("Clip", "clip"), ("caf\u00e9", "cafe\u0301")])
def test_names_that_are_one_on_some_disks_are_refused(one: str, other: str) -> None:
    with pytest.raises(UserError, match="apart only by case or by the form of an accent") as caught:
        entries_of_files([f"x/{one}.mp4", f"y/{other}.mp4"])
    assert f"x/{one}.mp4" in caught.value.message


def test_a_name_in_another_encoding_is_refused(tmp_path: Path) -> None:
    entry = b"caf\xe9".decode("utf-8", "surrogateescape")
    with pytest.raises(UserError, match=r"cannot be used: it is no text in UTF-8"):
        entries_of_files([f"{tmp_path}/{entry}.mp4"])
    with pytest.raises(UserError, match=r"the name '.*udce9.*' is no text in UTF-8"):
        entries_of_files([f"{entry}/a.mp4"])


@pytest.mark.parametrize("kind", ["videos", "frame_folders", "images", "ytvis"])
def test_the_state_is_the_same_when_asked_again(tmp_path: Path, kind: str) -> None:
    source, file = source_of_one_file(tmp_path, kind)
    (entry,) = list_videos(source)
    assert state_of(entry) == entry.state
    file.unlink()
    assert state_of(entry) != entry.state
