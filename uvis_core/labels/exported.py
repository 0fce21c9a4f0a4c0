"""Labels as the exports stage wrote them, or as a person's tool gave them back: CVAT's xml, or json in YTVIS layout."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uvis_core.io.annotations.kinds import is_cvat
from uvis_core.io.annotations.listing import read_listing, require
from uvis_core.io.annotations.model import Video, VideoId
from uvis_core.io.cvat_xml import read_shapes, read_task
from uvis_core.io.errors import UserError
from uvis_core.io.json_items import iterate_items
from uvis_core.io.rle import compressed


@dataclass(frozen=True)
class ExportedLabel:
    """One label.

    Attributes:
        frame: Place in the video, from 0.
        class_name: Its class.
        size_px: Height and width of the mask.
        counts: Compressed run lengths.
        mask_id: As the export gave it; None where the file has lost it, or never had one.
    """

    frame: int
    class_name: str
    size_px: tuple[int, int]
    counts: bytes
    mask_id: int | None


@dataclass(frozen=True)
class ExportedLabels:
    """The labels of a split.

    Attributes:
        path: Where they were read.
        class_names: All classes that the file knows.
        videos: Names of its videos, also of those without labels.
        read: Gives the labels of a video by its name.
    """

    path: Path
    class_names: frozenset[str]
    videos: tuple[str, ...]
    read: Callable[[str], Sequence[ExportedLabel]]


def read_exported(path: Path | str) -> ExportedLabels:
    """Read labels; of CVAT's files a video when it is asked for, of a json all of them.

    Raises:
        UserError: The files are no such export, or are damaged; also by ``read``.
    """
    return _read_cvat(Path(path)) if is_cvat(path) else _read_ytvis(Path(path))


def _read_cvat(path: Path) -> ExportedLabels:
    files = {file.stem: file for file in (sorted(path.glob("*.xml")) if path.is_dir() else [path])}
    tasks = {name: read_task(file) for name, file in files.items()}

    def read(name: str) -> list[ExportedLabel]:
        return [
            ExportedLabel(
                shape.frame,
                shape.label,
                tasks[name].size_px,
                shape.counts,
                _mask_id(shape.attributes.get("mask_id")),
            )
            for shape in read_shapes(files[name], tasks[name])
        ]

    labels = frozenset(label for task in tasks.values() for label in task.labels)
    return ExportedLabels(path, labels, tuple(files), read)


def _read_ytvis(path: Path) -> ExportedLabels:
    videos, names = read_listing(path)
    found: dict[str, list[ExportedLabel]] = {video.name: [] for video in videos.values()}
    for number, entry in enumerate(iterate_items(path, "annotations.item")):
        place = f"{path}: annotation {number}"
        require(place, entry, ["video_id", "category_id", "segmentations"])
        video = videos.get(entry["video_id"])
        if video is None or entry["category_id"] not in names or not isinstance(entry["segmentations"], list):
            raise UserError(
                f"{place}: of video {entry['video_id']!r} and category {entry['category_id']!r}, which the file does "
                "not list, or without a list of segmentations",
                fix="give the json as the exports stage wrote it, with its annotations corrected",
            )
        found[video.name] += _labels(place, entry, video, names[entry["category_id"]])
    return ExportedLabels(path, frozenset(names.values()), tuple(found), found.__getitem__)


def _labels(place: str, entry: dict[str, Any], video: Video, class_name: str) -> list[ExportedLabel]:
    """A label in every frame that shows the annotation: one, as it was exported."""
    labels = []
    for frame, segmentation in enumerate(entry["segmentations"]):
        if segmentation:
            try:
                counts = compressed(segmentation, video.height_px, video.width_px)
            except (ValueError, TypeError, OverflowError) as error:
                raise UserError(
                    f"{place}, frame {frame}: {error}", fix="give masks at the size of the video"
                ) from error
            size_px = (video.height_px, video.width_px)
            labels.append(ExportedLabel(frame, class_name, size_px, counts, _mask_id(entry.get("mask_id"))))
    return labels


def _mask_id(value: VideoId | None) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() else None
