"""The videos that a json in YTVIS or OVIS layout lists: read entry by entry, once per state of the file."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from uvis_core.frames.names import fault_of_name
from uvis_core.io.atomic import read_json, write_json
from uvis_core.io.errors import UserError, is_the_machines, machine_error
from uvis_core.io.json_items import iterate_items
from uvis_core.io.ytvis import safe_file_name, video_name
from uvis_core.provenance import text_digest

LISTING_VERSION = 2
"""Raised when kept listings change their form."""


class ListedVideo(NamedTuple):
    """One video of a json.

    Attributes:
        video_id: Its text id.
        number: Its id, 0 where that is a text.
        file_names: Its images in order, relative to the image root.
        height_px: Height of the images by the json, 0 where it says none.
        width_px: Their width, likewise.
    """

    video_id: str
    number: int
    file_names: list[str]
    height_px: int
    width_px: int


def listed_videos(json_path: str, cache_folder: Path | str | None) -> list[ListedVideo]:
    """The videos of a json, in its order; annotations are passed over, so that memory does not grow with them.

    Args:
        json_path: The json.
        cache_folder: Where the listing is kept, valid while the json's size and time stay the same. None reads the
            json every time.

    Raises:
        UserError: The json is missing, lists no videos, or one of them cannot be used.
        MachineError: The system cannot read it.
    """
    try:
        status = Path(json_path).stat()
    except OSError as error:
        if is_the_machines(error):
            raise machine_error(json_path, "cannot be looked at", error) from error
        raise UserError(f"{json_path}: no such file", fix="correct the source's key 'path'") from error
    place = os.path.abspath(json_path)  # noqa: PTH100 - links stay links
    state = [LISTING_VERSION, place, status.st_size, status.st_mtime_ns]
    cache = Path(cache_folder) / f"ytvis-{text_digest(place)}.json" if cache_folder is not None else None
    listed = _kept(cache, state)
    if listed is None:
        listed = _read(json_path)
        if cache is not None:
            write_json(cache, {"state": state, "videos": listed})
    return listed


def _kept(cache: Path | None, state: list[Any]) -> list[ListedVideo] | None:
    if cache is None or not cache.is_file():
        return None
    try:
        kept = read_json(cache)
    except UserError:
        return None
    if not isinstance(kept, dict) or kept.get("state") != state:
        return None
    return [ListedVideo(*video) for video in kept["videos"]]


def _read(json_path: str) -> list[ListedVideo]:
    listed: dict[int | str, ListedVideo] = {}
    for index, video in enumerate(iterate_items(json_path, "videos.item")):
        if not isinstance(video, dict) or "id" not in video or not video.get("file_names"):
            raise UserError(
                f"{json_path}: a video has no id or no file_names: {str(video)[:80]}",
                fix="correct the json's videos",
            )
        place = f"{json_path}: video number {index}"
        identity = video["id"]
        if type(identity) not in (int, str):
            raise UserError(f"{place}: id is {identity!r}", fix="give id as a whole number or a text")
        if identity in listed:
            raise UserError(f"{place}: id {identity!r} is taken twice", fix="give every video its own id")
        names = _file_names(place, video, json_path)
        name = video_name(video)
        fault = fault_of_name(name)
        if fault is not None:
            raise UserError(
                f"{place}: its name {name[:300]!r} cannot be used: {fault}", fix="rename it in the json"
            )
        height_px, width_px = (_size(place, video, key) for key in ("height", "width"))
        number = identity if isinstance(identity, int) else 0
        listed[identity] = ListedVideo(name, number, names, height_px, width_px)
    if not listed:
        raise UserError(
            f"{json_path}: lists no videos", fix="give a json in YTVIS or OVIS layout with the key 'videos'"
        )
    return list(listed.values())


def _file_names(place: str, video: Mapping[str, Any], json_path: str) -> list[str]:
    names = video["file_names"]
    if not isinstance(names, list):
        raise UserError(f"{place}: file_names is {str(names)[:80]!r}", fix="give file_names as a list")
    length = video.get("length", len(names))
    if length != len(names):
        raise UserError(
            f"{place}: length is {length!r}, but it has {len(names)} file_names", fix="correct one of them"
        )
    return [safe_file_name(name, json_path) for name in names]


def _size(place: str, video: Mapping[str, Any], key: str) -> int:
    value = video.get(key, 0)
    if type(value) is not int or value < (key in video):
        raise UserError(f"{place}: {key} is {value!r}", fix=f"give {key} as a whole number above 0")
    return value
