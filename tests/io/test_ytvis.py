from typing import Any

import pytest

from uvis_core.io.errors import UserError
from uvis_core.io.ytvis import safe_file_name, video_name


@pytest.mark.parametrize(
    ("video", "name"),
    [
        ({"id": 3, "name": "toy-0", "file_names": ["other/0.jpg"]}, "toy-0"),
        ({"id": 3, "file_names": ["0043f083b5/00000.jpg", "0043f083b5/00005.jpg"]}, "0043f083b5"),
        ({"id": 3, "file_names": ["train/abc/0.jpg"]}, "abc"),
        ({"id": 3, "file_names": ["a/0.jpg", "b/0.jpg"]}, "3"),
        ({"id": 3, "file_names": ["0.jpg"]}, "3"),
        ({"id": 3}, "3"),
    ],
)
def test_a_video_is_named_by_name_then_folder_then_id(video: dict[str, Any], name: str) -> None:
    assert video_name(video) == name


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../secret.jpg", "a/../../b.jpg", "", None, 5, "a\\b.jpg", "a\0.jpg"]
)
def test_names_that_leave_the_root_are_refused(name: Any) -> None:
    with pytest.raises(UserError, match="file name"):
        safe_file_name(name, "truth.json")


def test_plain_names_pass() -> None:
    assert safe_file_name("a/b..c/0.jpg", "truth.json") == "a/b..c/0.jpg"
