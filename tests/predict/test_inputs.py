import pytest

from uvis_core.io.errors import UserError
from uvis_core.predict.inputs import find_videos


def test_files_and_folders_by_name(videos):
    found = find_videos([str(videos / "one.mp4"), str(videos / "more")])
    assert [(entry.video_id, entry.path) for entry in found] == [
        ("one", str(videos / "one.mp4")),
        ("two", str(videos / "more" / "two.mp4")),
    ]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("0", "a camera"),
        ("/dev/video0", "a camera"),
        ("rtsp://host/live", "an address"),
        ("http://host/a.mp4", "an address"),
        ("missing.mp4", "no such file or folder"),
        ("notes.txt", "not a video"),
        ("empty", "the folder holds no video"),
    ],
)
def test_what_is_no_video_file_is_refused_with_a_word(tmp_path, monkeypatch, path, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("no video")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=words) as caught:
        find_videos([path])
    assert path in caught.value.message


def test_two_videos_of_one_name_are_refused(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "clip.mp4").touch()
    with pytest.raises(UserError, match="two videos are called 'clip'"):
        find_videos([str(tmp_path / "a"), str(tmp_path / "b")])


def test_a_video_that_is_given_twice_is_told_as_such(tmp_path):
    (tmp_path / "clip.mp4").touch()
    with pytest.raises(UserError, match=r"clip\.mp4: is given twice"):
        find_videos([str(tmp_path / "clip.mp4"), str(tmp_path)])
