import json
from pathlib import Path

import pytest

from uvis_core.frames.ytvis_listing import ListedVideo, listed_videos
from uvis_core.io.errors import UserError

VIDEO = {"id": 3, "height": 4, "width": 6, "length": 2, "file_names": ["a/0.jpg", "a/1.jpg"]}


def listed(folder: Path, *videos: object, cache: Path | None = None) -> list[ListedVideo]:
    (folder / "t.json").write_text(
        json.dumps({"info": {"videos": [1]}, "annotations": [{}], "videos": videos})
    )
    return listed_videos(str(folder / "t.json"), cache)


def test_what_the_json_says_of_its_videos(tmp_path: Path) -> None:
    bare = {"id": "x", "file_names": ["b/0.jpg"], "name": "mine"}
    assert listed(tmp_path, VIDEO, bare) == [
        ListedVideo("a", 3, ["a/0.jpg", "a/1.jpg"], 4, 6),
        ListedVideo("mine", 0, ["b/0.jpg"], 0, 0),
    ]


def test_a_kept_listing_is_the_same_and_one_of_another_form_is_made_anew(tmp_path: Path) -> None:
    first = listed(tmp_path, VIDEO, cache=tmp_path / "cache")
    assert listed_videos(str(tmp_path / "t.json"), tmp_path / "cache") == first
    (kept,) = (tmp_path / "cache").iterdir()
    content = json.loads(kept.read_text())
    kept.write_text(json.dumps({"state": content["state"][1:], "videos": [["a", 3, ["a/0.jpg"]]]}))
    assert listed_videos(str(tmp_path / "t.json"), tmp_path / "cache") == first


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"id": True}, "id is True"),
        ({"length": 3}, "length is 3, but it has 2"),
        ({"height": 2.5}, "height is 2.5"),
    ],
)
def test_what_contradicts_itself_is_refused(tmp_path: Path, keys: dict[str, object], words: str) -> None:
    with pytest.raises(UserError, match=words):
        listed(tmp_path, VIDEO | keys)
