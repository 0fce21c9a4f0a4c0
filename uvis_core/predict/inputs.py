"""Which files the user means by the videos of a command line."""

from collections.abc import Sequence
from pathlib import Path

from uvis_core.config.frames import SourceSettings
from uvis_core.frames.sources import VideoEntry, list_videos
from uvis_core.io.errors import UserError
from uvis_core.io.suffixes import VIDEO_SUFFIXES

FILES = f"give files that end in {', '.join(sorted(VIDEO_SUFFIXES))}, or folders of such files"


def find_videos(paths: Sequence[str]) -> list[VideoEntry]:
    """The videos of files and folders, sorted by name.

    Raises:
        UserError: A path is a camera or an address, is not there or holds no video, or two videos have one name.
    """
    for path in paths:
        _check(path)
    return list_videos(SourceSettings(kind="videos", path=tuple(paths)))


def _check(path: str) -> None:
    place = Path(path)
    if "://" in path:
        raise UserError(
            f"{path}: an address; streams are not read, because a track's class and score need the whole video",
            fix="record or download it to a file first",
        )
    if path.isdecimal() or path.startswith("/dev/"):
        raise UserError(
            f"{path}: a camera; cameras are not read, because a track's class and score need the whole video",
            fix="record to a file first",
        )
    if place.is_dir():
        if not any(inside.suffix.lower() in VIDEO_SUFFIXES for inside in place.iterdir()):
            raise UserError(f"{path}: the folder holds no video", fix=FILES)
    elif not place.is_file():
        raise UserError(f"{path}: no such file or folder", fix="correct --videos")
    elif place.suffix.lower() not in VIDEO_SUFFIXES:
        raise UserError(f"{path}: not a video", fix=FILES)
