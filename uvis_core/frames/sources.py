"""Which videos a source holds, listed fast enough to be asked at every start of the workflow."""

import logging
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from uvis_core.config.frames import SourceSettings
from uvis_core.frames.names import fault_of_name, folded, is_text
from uvis_core.frames.pictures import picture_id, pictures_below
from uvis_core.frames.states import State, file_state, folder_states, names_in, states_digest
from uvis_core.frames.ytvis_listing import listed_videos
from uvis_core.io.errors import UserError, printable
from uvis_core.io.suffixes import IMAGE_SUFFIXES, VIDEO_SUFFIXES

log = logging.getLogger("uvis")

# Names that a warning lists.
SHOWN = 5
RENAME_ONE = "rename one; a video is known by its file's name without suffix, or its folder's name"


@dataclass(frozen=True, slots=True)
class VideoEntry:
    """One video of a source.

    Attributes:
        video_id: Text id, unique in its split; names the folder of decoded frames.
        kind: ``video`` (a file to decode) or ``images`` (to index).
        path: The file, or the folder that the images' names are relative to.
        file_names: The images in order.
        state: Digest of sizes and times of the files, by which a replaced one is noticed; empty for files that are not
            there yet.
        number: Id in the json that lists it; 0 where there is none.
        height_px: Height of its images by that json; 0 where it says none.
        width_px: Their width, likewise.
    """

    video_id: str
    kind: Literal["video", "images"]
    path: str
    file_names: tuple[str, ...] = ()
    state: str = ""
    number: int = 0
    height_px: int = 0
    width_px: int = 0


def list_videos(source: SourceSettings, cache_folder: Path | str | None = None) -> list[VideoEntry]:
    """All videos of a source, sorted by id. Opens no video and no image, but asks for size and time of every file.

    Args:
        source: One split's source.
        cache_folder: Where the listing of a ytvis json is kept, valid while the json's size and time stay the
            same, so that a json of hundreds of megabytes is read once. None reads it every time.

    Raises:
        UserError: The source is missing or holds no video, a name is illegal, or two videos share an id, as some disks
            know it.
        MachineError: The system does not say.
    """
    paths = [source.path] if isinstance(source.path, str) else list(source.path or ())
    if source.kind == "videos":
        entries = _video_files(paths)
    elif source.kind == "frame_folders":
        entries = _frame_folders(paths[0]) if isinstance(source.path, str) else _listed_folders(paths)
    elif source.kind == "images":
        entries = _pictures(paths[0])
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
    return sorted(folder_states(folder, _is_image), key=_by_numbers)


def _by_numbers(name: str) -> tuple[list[str], list[int], str]:
    """Sorts by the text before each number, then the numbers, then the name itself."""
    return re.split(r"[0-9]+", name), [int(digits) for digits in re.findall(r"[0-9]+", name)], name


def _is_image(name: str) -> bool:
    return _suffix(name) in IMAGE_SUFFIXES and not name.startswith(".")


def _suffix(name: str) -> str:
    """In lower case; without a path object, of which there would be millions."""
    return os.path.splitext(name)[1].lower()  # noqa: PTH122


def _video_files(paths: Iterable[str]) -> list[VideoEntry]:
    """Entries of everything that is called like a video.

    What is none (a dangling link, a folder) fails when it is read and is named among the failures of its split; left
    out here, it would be missing without a word. What lies beside the videos of a folder is named in a warning.
    """
    found: list[tuple[str, State]] = []
    for path in paths:
        if os.path.isdir(path):  # noqa: PTH112 - any text is answered, too long a one also
            inside = folder_states(path, lambda name: _is_video(name) and not name.startswith("."))
            found += [(f"{path.rstrip('/')}/{name}", state) for name, state in inside.items()]
            if inside:
                _warn_of_others(path)
        elif not os.path.isfile(path):  # noqa: PTH113
            what = "neither file nor folder" if os.path.lexists(path) else "no such file or folder"
            raise UserError(f"{path}: {what}", fix="correct the source's key 'path'")
        elif not _is_video(path):
            raise UserError(
                f"{path}: not a video", fix=f"give files that end in {', '.join(sorted(VIDEO_SUFFIXES))}"
            )
        else:
            found.append((path, file_state(path)))
    if not found:
        raise UserError(
            f"{', '.join(paths)}: holds no video; looked for {', '.join(sorted(VIDEO_SUFFIXES))}",
            fix="put videos there (not into subfolders), or correct the source's key 'path'",
        )
    return [
        VideoEntry(os.path.splitext(os.path.basename(path))[0], "video", path, state=states_digest([state]))  # noqa: PTH119, PTH122
        for path, state in found
    ]


def _warn_of_others(folder: str) -> None:
    """Say what of a folder is not read, such as a video of another suffix, or a folder of videos."""
    others = sorted(name for name in names_in(folder) if not _is_video(name) and not name.startswith("."))
    if others:
        shown = ", ".join(map(printable, others[:SHOWN])) + (", ..." if len(others) > SHOWN else "")
        known = ", ".join(sorted(VIDEO_SUFFIXES))
        log.warning(
            "%s: %d left out, not called like a video (%s): %s", printable(folder), len(others), known, shown
        )


def _is_video(name: str) -> bool:
    return _suffix(name) in VIDEO_SUFFIXES


def _frame_folders(root: str) -> list[VideoEntry]:
    if not os.path.isdir(root):  # noqa: PTH112
        raise UserError(f"{root}: no such folder", fix="correct the source's key 'path'")
    names = [name for name in names_in(root) if not name.startswith(".")]
    places = [(name, f"{root.rstrip('/')}/{name}") for name in names]
    for _, path in places:
        if os.path.islink(path) and not os.path.exists(path):  # noqa: PTH110, PTH114
            log.warning("%s: left out, a link that leads nowhere", printable(path))
    found = [_folder_entry(name, path) for name, path in places if os.path.isdir(path)]  # noqa: PTH112
    for entry in found:
        if not entry.file_names:
            log.warning("%s: left out, a folder that holds no image", printable(entry.path))
    entries = [entry for entry in found if entry.file_names]
    if not entries:
        raise UserError(
            f"{root}: no subfolder holds images; looked for {', '.join(sorted(IMAGE_SUFFIXES))}",
            fix="put the images of each video into a subfolder of its own, or correct the source's key "
            "'path'",
        )
    return entries


def _pictures(root: str) -> list[VideoEntry]:
    if not os.path.isdir(root):  # noqa: PTH112
        raise UserError(f"{root}: no such folder", fix="correct the source's key 'path'")
    folders: dict[str, str] = {}
    entries = []
    for inside, name in pictures_below(root, _is_image):
        # One text for all pictures of a folder.
        folder = folders.setdefault(inside, f"{root.rstrip('/')}/{inside}" if inside else root)
        state = states_digest([file_state(f"{folder}/{name}")])
        entries.append(VideoEntry(picture_id(inside, name), "images", folder, (name,), state))
    if not entries:
        raise UserError(
            f"{root}: holds no picture at any depth; looked for {', '.join(sorted(IMAGE_SUFFIXES))}",
            fix="put pictures there, or correct the source's key 'path'",
        )
    return entries


def _listed_folders(paths: Iterable[str]) -> list[VideoEntry]:
    entries = []
    for path in paths:
        entry = _folder_entry(Path(path).name, path.rstrip("/"))
        if not entry.file_names:
            raise UserError(
                f"{path}: no folder of images",
                fix="correct the source's key 'path', or remove this folder from it",
            )
        entries.append(entry)
    return entries


def _folder_entry(video_id: str, path: str) -> VideoEntry:
    """A folder's images, none where it has none."""
    files = folder_states(path, _is_image)
    names = sorted(files, key=_by_numbers)
    return VideoEntry(video_id, "images", path, tuple(names), states_digest(files[name] for name in names))


def state_of(entry: VideoEntry) -> str:
    """The state of a video's files now, to be compared with that of its listing.

    Raises:
        MachineError: The system does not say.
    """
    if entry.kind == "video":
        return states_digest([file_state(entry.path)])
    return states_digest(file_state(Path(entry.path, name)) for name in entry.file_names)


def _ytvis_videos(json_path: str, image_root: str, cache_folder: Path | str | None) -> list[VideoEntry]:
    listed = listed_videos(json_path, cache_folder)
    folders = {str(PurePosixPath(name).parent) for video in listed for name in video.file_names}
    files = {folder: folder_states(Path(image_root, folder), lambda _: True) for folder in folders}
    return [
        VideoEntry(
            video.video_id,
            "images",
            image_root,
            tuple(video.file_names),
            states_digest(
                files[str(place.parent)].get(place.name) for place in map(PurePosixPath, video.file_names)
            ),
            video.number,
            video.height_px,
            video.width_px,
        )
        for video in listed
    ]


def _checked(entries: Sequence[VideoEntry]) -> list[VideoEntry]:
    known: dict[str, VideoEntry] = {}
    for entry in entries:
        fault = fault_of_name(entry.video_id)
        if fault is not None:
            raise UserError(
                f"{entry.path[:300]}: the video's name {entry.video_id[:300]!r} cannot be used: {fault}",
                fix="rename it",
            )
        unwritable = next((text for text in (entry.path, *entry.file_names) if not is_text(text)), None)
        if unwritable is not None:
            raise UserError(
                f"video {entry.video_id!r}: the name {unwritable!r} is no text in UTF-8",
                fix="rename the file or folder",
            )
        other = known.setdefault(folded(entry.video_id), entry)
        if other is not entry:
            if other.video_id == entry.video_id and _place(other) == _place(entry):
                raise UserError(f"{_place(entry)}: is given twice", fix="name every video once")
            raise UserError(_of_twins(other, entry), fix=RENAME_ONE)
    return list(entries)


def _of_twins(one: VideoEntry, other: VideoEntry) -> str:
    places = f"{_place(one)} and {_place(other)}"
    if one.video_id == other.video_id:
        return f"two videos are called {one.video_id!r}: {places}"
    return (
        f"two videos are called {one.video_id!a} and {other.video_id!a}, apart only by case or by the form of an "
        f"accent, which are one folder on some disks: {places}"
    )


def _place(entry: VideoEntry) -> str:
    return f"{entry.path}/{entry.file_names[0]}" if entry.file_names else entry.path
