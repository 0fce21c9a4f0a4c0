"""Videos and classes of a data set's json, and checks on the entries of such files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from uvis_core.io.annotations.model import Video, VideoId
from uvis_core.io.errors import UserError
from uvis_core.io.images import MAX_PIXELS
from uvis_core.io.json_items import beginning, iterate_items
from uvis_core.io.tubes import TOGETHER_BYTES, Tube, WrongTube, build_together, read_counts
from uvis_core.io.ytvis import video_name

# What a column of 32 bits holds.
LONGEST = 2**31 - 1

Entry = TypeVar("Entry")


def read_listing(path: Path | str) -> tuple[dict[VideoId, Video], dict[int, str]]:
    """Read the videos and classes of a split, with or without annotations.

    Args:
        path: Json in YTVIS or OVIS layout.

    Returns:
        Videos by id and names of the classes by id, both in the order of the ids.

    Raises:
        UserError: An entry is missing, incomplete or there twice.
    """
    if not beginning(path).startswith("{"):
        raise UserError(f"{path}: holds no object", fix="give a truth file in YTVIS or OVIS json")
    videos, categories = (next(iterate_items(path, key), None) for key in ("videos", "categories"))
    return _videos(path, videos), _class_names(path, categories)


def require(place: str, entry: Any, keys: Sequence[str]) -> None:
    """Check that ``entry`` is a json object with all ``keys``.

    Raises:
        UserError: It is not; names the place and the keys that it lacks.
    """
    missing = [key for key in keys if not isinstance(entry, dict) or key not in entry]
    if missing:
        raise UserError(f"{place}: lacks {', '.join(missing)}", fix=f"give it {', '.join(keys)}")


def require_id(place: str, key: str, identity: Any) -> None:
    """Check that an id is a number or a text.

    Raises:
        UserError: It is not; names the place and the key.
    """
    whole = is_whole(identity, -(2**63), 2**63 - 1)
    if not whole and not isinstance(identity, str):
        raise UserError(f"{place}: {key} is {identity!r}", fix=f"give {key} as a whole number or a text")


def is_whole(value: Any, least: int, most: int) -> bool:
    """Whether a json value is a whole number within limits; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


@dataclass(frozen=True)
class Found(Generic[Entry]):
    """An entry of a file with its masks as they stand there.

    Attributes:
        place: File and entry, for messages.
        video: Its video.
        counts: Compressed run lengths by frame index, ascending, not checked yet.
        entry: What else is known of it.
    """

    place: str
    video: Video
    counts: Mapping[int, bytes]
    entry: Entry


def read_masks(place: str, segmentations: Any, video: Video) -> dict[int, bytes]:
    """Take the masks of a file's ``segmentations``, not checked yet, by frame index.

    Raises:
        UserError: Their number is not the video's length, or one is no mask or has another size.
    """
    if not isinstance(segmentations, list) or len(segmentations) != video.frames:
        count = len(segmentations) if isinstance(segmentations, list) else "no list of"
        raise UserError(
            f"{place}: has {count} segmentations, video {video.video_id!r} has {video.frames} frames",
            fix="give one entry per frame, null where the object is not to be seen",
        )
    try:
        return read_counts(segmentations, video.height_px, video.width_px)
    except ValueError as error:
        raise _wrong_masks(place, video, error) from error


def with_tubes(found: Iterable[Found[Entry]], keep_bytes: float) -> Iterator[tuple[Entry, Tube]]:
    """Give each entry the tube of its masks, in the order of the entries; some are read ahead.

    Args:
        found: Entries.
        keep_bytes: Decoded masks that tubes may keep, the first ones, bytes.

    Raises:
        UserError: A mask is damaged or does not fill its frame.
    """
    waiting: list[Found[Entry]] = []
    held = kept = 0
    for one in found:
        waiting.append(one)
        held += sum(map(len, one.counts.values()))
        if held >= TOGETHER_BYTES:
            for entry, tube in _built(waiting, keep_runs=kept < keep_bytes):
                kept += tube.runs.ends.nbytes if tube.runs is not None else 0
                yield entry, tube
            waiting, held = [], 0
    yield from _built(waiting, keep_runs=kept < keep_bytes)


def _built(found: Sequence[Found[Entry]], *, keep_runs: bool) -> Iterator[tuple[Entry, Tube]]:
    sizes = [(one.video.height_px, one.video.width_px) for one in found]
    try:
        tubes = build_together([one.counts for one in found], sizes, keep_runs=keep_runs)
    except WrongTube as error:
        wrong = found[error.place]
        raise _wrong_masks(wrong.place, wrong.video, error) from error
    yield from zip((one.entry for one in found), tubes, strict=True)


def _wrong_masks(place: str, video: Video, error: ValueError) -> UserError:
    return UserError(
        f"{place}, video {video.video_id!r}, {error}",
        fix="write the masks at the size of the video, as COCO run lengths or polygons",
    )


def _sorted_ids(ids: Mapping[VideoId, Any]) -> list[VideoId]:
    """Ids in order, numbers before texts."""
    return sorted(ids, key=lambda identity: (isinstance(identity, str), identity))


def _videos(path: Path | str, entries: Any) -> dict[VideoId, Video]:
    if not isinstance(entries, list):
        raise UserError(f"{path}: has no list of videos", fix="give a truth file in YTVIS or OVIS json")
    videos: dict[VideoId, Video] = {}
    for index, entry in enumerate(entries):
        place = f"{path}: video number {index}"
        require(place, entry, ["id", "height", "width"])
        require_id(place, "id", entry["id"])
        names = entry.get("file_names") or []
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise UserError(f"{place}: file_names is no list of texts", fix="give one file name per frame")
        frames = entry.get("length", len(names))
        sizes = {"height": entry["height"], "width": entry["width"], "length": frames}
        for name, value in sizes.items():
            if not is_whole(value, 1, LONGEST):
                raise UserError(f"{place}: {name} is {value!r}", fix=f"give {name} as a whole number above 0")
        if entry["height"] * entry["width"] > MAX_PIXELS:
            raise UserError(
                f"{place}: is {entry['height']} x {entry['width']} pixels, more than the {MAX_PIXELS} that are read",
                fix="give height and width of the frames",
            )
        if entry["id"] in videos:
            raise UserError(f"{place}: id {entry['id']!r} is taken twice", fix="give every video its own id")
        number = entry["id"]
        videos[number] = Video(number, video_name(entry), number, entry["height"], entry["width"], frames)
    return {video_id: videos[video_id] for video_id in _sorted_ids(videos)}


def _class_names(path: Path | str, entries: Any) -> dict[int, str]:
    if not isinstance(entries, list) or not entries:
        raise UserError(f"{path}: has no categories", fix="list the classes, each with id and name")
    names: dict[int, str] = {}
    for index, entry in enumerate(entries):
        place = f"{path}: category number {index}"
        require(place, entry, ["id", "name"])
        if not is_whole(entry["id"], -LONGEST, LONGEST):
            raise UserError(
                f"{place}: id is {entry['id']!r}", fix="give every class a whole number as its id"
            )
        if entry["id"] in names:
            raise UserError(f"{place}: id {entry['id']!r} is taken twice", fix="give every class its own id")
        names[entry["id"]] = str(entry["name"])
    return dict(sorted(names.items()))
