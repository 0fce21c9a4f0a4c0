"""Which videos a source holds, listed fast enough to be asked at every start of the workflow."""

import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from uvis_core.config.frames import SourceSettings
from uvis_core.io.atomic import read_json, write_json
from uvis_core.io.errors import UserError
from uvis_core.io.suffixes import IMAGE_SUFFIXES, VIDEO_SUFFIXES
from uvis_core.io.ytvis import safe_file_name, video_name
from uvis_core.provenance import text_digest

# Separators and control characters would leave the image folder; braces are wildcards to the workflow.
ILLEGAL = re.compile(r"[\x00-\x1f\x7f/\\{}]")


@dataclass(frozen=True)
class VideoEntry:
    """One video of a source.

    Attributes:
        video_id: Text id, unique in its split; names the folder of decoded frames.
        kind: ``video`` (a file to decode) or ``images`` (to index).
        path: The file, or the folder that the images' names are relative to.
        file_names: The images in order.
        state: Digest of sizes and times of the files, by which a replaced one is noticed; empty for files that are not
            there yet.
    """

    video_id: str
    kind: Literal["video", "images"]
    path: str
    file_names: tuple[str, ...] = ()
    state: str = ""


def list_videos(source: SourceSettings, cache_folder: Path | str | None = None) -> list[VideoEntry]:
    """All videos of a source, sorted by id. Opens no video and no image, but asks for size and time of every file.

    Args:
        source: One split's source.
        cache_folder: Where the listing of a ytvis json is kept, valid while the json's size and time stay the
            same, so that a json of hundreds of megabytes is read once. None reads it every time.

    Raises:
        UserError: The source is missing or holds no video, a name is illegal, or two videos share an id.
    """
    paths = [source.path] if isinstance(source.path, str) else list(source.path or ())
    if source.kind == "videos":
        entries = _video_files(paths)
    elif source.kind == "frame_folders":
        entries = _frame_folders(paths[0]) if isinstance(source.path, str) else _listed_folders(paths)
    elif source.kind == "ytvis":
        entries = _ytvis_videos(paths[0], str(source.image_root), cache_folder)
    else:
        raise ValueError("videos of the toy world are known from its settings, not listed")
    return _checked(sorted(entries, key=lambda entry: entry.video_id))


def entries_of_files(paths: Iterable[str]) -> list[VideoEntry]:
    """Entries of video files that need not exist yet, sorted by id."""
    return _checked(
        sorted(
            (VideoEntry(Path(path).stem, "video", path) for path in paths), key=lambda entry: entry.video_id
        )
    )


def image_files(folder: Path | str) -> list[str]:
    """Images in a folder, in the order of the numbers in their names: ``img_2.jpg`` before ``img_10.jpg``."""
    return sorted(_image_states(folder), key=_by_numbers)


def _by_numbers(name: str) -> tuple[list[str], list[int], str]:
    """Sorts by the text before each number, then the numbers, then the name itself."""
    return re.split(r"[0-9]+", name), [int(digits) for digits in re.findall(r"[0-9]+", name)], name


def _is_image(item: os.DirEntry[str]) -> bool:
    return (
        Path(item.name).suffix.lower() in IMAGE_SUFFIXES and not item.name.startswith(".") and item.is_file()
    )


def _video_files(paths: Iterable[str]) -> list[VideoEntry]:
    found: list[str] = []
    for path in paths:
        if Path(path).is_dir():
            with os.scandir(path) as items:
                inside = [item for item in items if not item.name.startswith(".") and item.is_file()]
            found += [f"{path.rstrip('/')}/{item.name}" for item in inside if _is_video(item.name)]
        elif not Path(path).is_file():
            raise UserError(f"{path}: no such file or folder", fix="correct the source's key 'path'")
        elif not _is_video(path):
            raise UserError(
                f"{path}: not a video", fix=f"give files that end in {', '.join(sorted(VIDEO_SUFFIXES))}"
            )
        else:
            found.append(path)
    if not found:
        raise UserError(
            f"{', '.join(paths)}: holds no video; looked for {', '.join(sorted(VIDEO_SUFFIXES))}",
            fix="put videos there (not into subfolders), or correct the source's key 'path'",
        )
    return [VideoEntry(Path(path).stem, "video", path, state=_state([os.stat(path)])) for path in found]  # noqa: PTH116 - one of many


def _is_video(name: str) -> bool:
    return Path(name).suffix.lower() in VIDEO_SUFFIXES


def _frame_folders(root: str) -> list[VideoEntry]:
    if not Path(root).is_dir():
        raise UserError(f"{root}: no such folder", fix="correct the source's key 'path'")
    with os.scandir(root) as items:
        folders = [item.name for item in items if item.is_dir() and not item.name.startswith(".")]
    found = [_folder_entry(name, f"{root.rstrip('/')}/{name}") for name in folders]
    entries = [entry for entry in found if entry.file_names]
    if not entries:
        raise UserError(
            f"{root}: no subfolder holds images; looked for {', '.join(sorted(IMAGE_SUFFIXES))}",
            fix="put the images of each video into a subfolder of its own, or correct the source's key "
            "'path'",
        )
    return entries


def _listed_folders(paths: Iterable[str]) -> list[VideoEntry]:
    entries = []
    for path in paths:
        entry = _folder_entry(Path(path).name, path.rstrip("/")) if Path(path).is_dir() else None
        if entry is None or not entry.file_names:
            raise UserError(
                f"{path}: no folder of images",
                fix="correct the source's key 'path', or remove this folder from it",
            )
        entries.append(entry)
    return entries


def _folder_entry(video_id: str, path: str) -> VideoEntry:
    """A folder's images, none where it has none."""
    files = _image_states(path)
    names = sorted(files, key=_by_numbers)
    return VideoEntry(video_id, "images", path, tuple(names), _state(files[name] for name in names))


def _image_states(folder: Path | str) -> dict[str, os.stat_result]:
    """Size and time of each image of a folder by its name; empty where there is no such folder."""
    try:
        with os.scandir(folder) as items:
            return {item.name: item.stat() for item in items if _is_image(item)}
    except (FileNotFoundError, NotADirectoryError):
        return {}


def _state(files: Iterable[os.stat_result | None]) -> str:
    """Digest of sizes and times; a file that is missing is None."""
    return text_digest(json.dumps([file and (file.st_size, file.st_mtime_ns) for file in files]))


def _ytvis_videos(json_path: str, image_root: str, cache_folder: Path | str | None) -> list[VideoEntry]:
    try:
        status = Path(json_path).stat()
    except OSError as error:
        raise UserError(f"{json_path}: no such file", fix="correct the source's key 'path'") from error
    place = os.path.abspath(json_path)  # noqa: PTH100 - links stay links
    state = [place, status.st_size, status.st_mtime_ns]
    cache = Path(cache_folder) / f"ytvis-{text_digest(place)}.json" if cache_folder is not None else None
    listed = _cached_listing(cache, state)
    if listed is None:
        listed = _read_listing(json_path)
        if cache is not None:
            write_json(cache, {"state": state, "videos": listed})
    folders = {str(PurePosixPath(name).parent) for _, names in listed for name in names}
    files = {folder: _image_states(Path(image_root, folder)) for folder in folders}
    return [
        VideoEntry(
            video_id,
            "images",
            image_root,
            tuple(names),
            _state(files[str(place.parent)].get(place.name) for place in map(PurePosixPath, names)),
        )
        for video_id, names in listed
    ]


def _cached_listing(cache: Path | None, state: list[Any]) -> list[tuple[str, list[str]]] | None:
    if cache is None or not cache.is_file():
        return None
    try:
        kept = read_json(cache)
    except UserError:
        return None
    return kept["videos"] if isinstance(kept, dict) and kept.get("state") == state else None


def _read_listing(json_path: str) -> list[tuple[str, list[str]]]:
    content = read_json(json_path)
    videos = content.get("videos") if isinstance(content, dict) else None
    if not videos:
        raise UserError(
            f"{json_path}: lists no videos", fix="give a json in YTVIS or OVIS layout with the key 'videos'"
        )
    listed = []
    for video in videos:
        if not isinstance(video, dict) or "id" not in video or not video.get("file_names"):
            raise UserError(
                f"{json_path}: a video has no id or no file_names: {str(video)[:80]}",
                fix="correct the json's videos",
            )
        names = [safe_file_name(name, json_path) for name in video["file_names"]]
        listed.append((video_name(video), names))
    return listed


def _checked(entries: Sequence[VideoEntry]) -> list[VideoEntry]:
    for entry in entries:
        if (
            ILLEGAL.search(entry.video_id)
            or entry.video_id != entry.video_id.strip()
            or entry.video_id in ("", ".", "..")
        ):
            raise UserError(
                f"{entry.path}: the video's name {entry.video_id!r} cannot be used",
                fix="rename it: no slash, backslash, brace or control character, no space at its ends",
            )
    for one, other in pairwise(entries):
        if one.video_id == other.video_id:
            raise UserError(
                f"two videos are called {one.video_id!r}: {_place(one)} and {_place(other)}",
                fix="rename one; a video is known by its file's name without suffix, or its folder's name",
            )
    return list(entries)


def _place(entry: VideoEntry) -> str:
    return f"{entry.path}/{entry.file_names[0]}" if entry.file_names else entry.path
