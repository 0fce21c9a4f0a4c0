"""Names and paths in YTVIS and OVIS json files, the same way wherever they are read."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from uvis_core.io.errors import UserError


def safe_file_name(name: Any, source: object) -> str:
    """Check that a file name of a json stays inside its image root.

    Args:
        name: An entry of ``file_names``.
        source: The json, for the message.

    Raises:
        UserError: The name is no text, absolute, or leads upwards.
    """
    if not isinstance(name, str) or not name or "\0" in name or "\\" in name:
        raise UserError(
            f"{source}: file name {name!r} is not a relative path", fix="correct the json's file_names"
        )
    path = PurePosixPath(name)
    if not path.name:
        raise UserError(f"{source}: file name {name!r} names no file", fix="correct the json's file_names")
    if path.is_absolute() or ".." in path.parts:
        raise UserError(
            f"{source}: file name {name!r} leads out of the image root",
            fix="make the json's file_names relative to image_root, without '..'",
        )
    return name


def video_name(video: Mapping[str, Any]) -> str:
    """The text id by which all tables know a video of a YTVIS or OVIS json.

    It is the video's ``name`` where there is one; else the folder of its file names, when all share one; else
    its integer ``id`` as text.
    """
    if isinstance(video.get("name"), str):
        return video["name"]
    parents = {name.rpartition("/")[0] for name in video.get("file_names") or ()}
    folders = {PurePosixPath(parent).name for parent in parents}
    folder = folders.pop() if len(folders) == 1 else ""
    return folder or str(video["id"])
