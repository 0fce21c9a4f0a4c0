"""Annotations in YTVIS or OVIS json: read entry by entry, checked, and turned into tubes."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from uvis_core.io.annotations.listing import (
    Found,
    read_listing,
    read_masks,
    require,
    require_id,
    with_tubes,
)
from uvis_core.io.annotations.model import Annotations, TrueObject, Video, VideoId, VideoTruth
from uvis_core.io.annotations.occlusion import track_occlusion
from uvis_core.io.errors import UserError
from uvis_core.io.json_items import iterate_items
from uvis_core.io.schemas.truth import UNKNOWN_OCCLUSION
from uvis_core.io.tubes import Tube

# Decoded masks kept of a file, bytes: they need not be decoded again, and those of a large file do not fill the memory.
KEPT_BYTES = 1 << 24


def read_ytvis(path: Path | str) -> Annotations:
    """Read the annotations of a split; in memory are the run lengths of all masks, compressed, and some decoded.

    Args:
        path: Json with ``videos``, ``categories`` and ``annotations``.

    Raises:
        UserError: The file carries no annotations, or one of its entries is incomplete, contradicts another
            or has masks that do not fit its video.
    """
    path = Path(path)
    videos, names = read_listing(path)
    found: dict[VideoId, tuple[list[TrueObject], list[Tube]]] = {video_id: ([], []) for video_id in videos}
    ids: Counter[str] = Counter()
    faults: list[str] = []
    number = 0
    for entry, tube in with_tubes(_entries(path, videos, names), KEPT_BYTES):
        number += 1
        objects, tubes = found[entry.video_id]
        area = tube.mean_area_px if entry.area_px is None else entry.area_px
        objects.append(TrueObject(entry.identity, entry.class_id, entry.crowd, area, entry.occlusion))
        tubes.append(tube)
        faults += entry.faults
        if entry.has_identity:
            ids[str(entry.identity)] += 1
    if not number:
        _check_list(path)
    truths = {video_id: VideoTruth(*lists) for video_id, lists in found.items()}
    warnings = _warnings(path, number, ids)
    return Annotations(path, videos, names, truths.__getitem__, warnings, next(iter(faults), ""))


@dataclass(frozen=True)
class _Entry:
    """One annotation but for its masks.

    Attributes:
        video_id: Of its video.
        identity: Its own id, None where it has none.
        has_identity: Whether the file gives it one.
        class_id: Of its class.
        crowd: Whether it stands for a crowd.
        area_px: Mean of the areas that the file lists, None where it lists none.
        occlusion: Occlusion score, ``UNKNOWN_OCCLUSION`` where it has none.
        faults: Why it has none.
    """

    video_id: VideoId
    identity: Any
    has_identity: bool
    class_id: int
    crowd: bool
    area_px: float | None
    occlusion: float
    faults: Sequence[str]


def _entries(
    path: Path, videos: Mapping[VideoId, Video], names: Mapping[int, str]
) -> Iterator[Found[_Entry]]:
    """The annotations in the order of the file, checked but for their masks."""
    for index, entry in enumerate(iterate_items(path, "annotations.item")):
        name = entry.get("id", f"number {index}") if isinstance(entry, dict) else f"number {index}"
        place = f"{path}: annotation {name}"
        video = _video_of(place, entry, videos, names)
        masks = read_masks(place, entry["segmentations"], video)
        faults = []
        try:
            occlusion = _occlusion(place, entry, video)
        except ValueError as error:
            occlusion, faults = UNKNOWN_OCCLUSION, [str(error)]
        area = _mean_area(place, entry.get("areas"), video.frames)
        crowd = entry.get("iscrowd")
        if crowd not in (None, 0, 1):
            raise UserError(f"{place}: iscrowd is {crowd!r}", fix="give 0 or 1")
        yield Found(
            place,
            video,
            masks,
            _Entry(
                video_id=video.video_id,
                identity=entry.get("id"),
                has_identity="id" in entry,
                class_id=entry["category_id"],
                crowd=bool(crowd),
                area_px=area,
                occlusion=occlusion,
                faults=faults,
            ),
        )


def _check_list(path: Path) -> None:
    """Tell a file without any annotation from one that is not annotated."""
    annotations = next(iterate_items(path, "annotations"), None)
    if not isinstance(annotations, list):
        raise UserError(
            f"{path}: annotations is {repr(annotations)[:80]}, so the split carries no labels",
            fix="evaluate on a labelled split, such as a part of train that was kept apart",
        )


def _warnings(path: Path, number: int, ids: Mapping[str, int]) -> list[str]:
    """What is odd about the ids; the figures do not depend on them."""
    warnings = []
    if not number:
        warnings.append(f"{path}: the list of annotations is empty, every figure is -1")
    if "0" in ids:
        warnings.append(
            f"{path}: {ids['0']} annotation(s) with id 0, which official tools read as never found"
        )
    repeated = [identity for identity, count in ids.items() if count > 1]
    if repeated:
        extra = sum(ids[identity] - 1 for identity in repeated)
        warnings.append(
            f"{path}: {extra} annotation(s) repeat an id (first: {repeated[0]}); each counts as an object"
        )
    return warnings


def _video_of(place: str, entry: Any, videos: Mapping[VideoId, Video], names: Mapping[int, str]) -> Video:
    """The video of an entry, whose class is known too."""
    require(place, entry, ["video_id", "category_id", "segmentations"])
    require_id(place, "video_id", entry["video_id"])
    require_id(place, "category_id", entry["category_id"])
    if entry["video_id"] not in videos:
        raise UserError(
            f"{place}: video_id {entry['video_id']!r} is none of the {len(videos)} videos",
            fix="list the video or drop the annotation",
        )
    if entry["category_id"] not in names:
        raise UserError(
            f"{place}: category_id {entry['category_id']!r} is none of the categories {list(names)}",
            fix="list the class or drop the annotation",
        )
    return videos[entry["video_id"]]


def _occlusion(place: str, entry: Mapping[str, Any], video: Video) -> float:
    """Occlusion score, ``UNKNOWN_OCCLUSION`` where no frame has a level; ValueError where the levels cannot be used."""
    levels = entry.get("occlusion")
    if "occlusion" not in entry:
        raise ValueError(f"{place}: lacks occlusion")
    if not isinstance(levels, list) or len(levels) != video.frames:
        raise ValueError(f"{place}: occlusion is no list of {video.frames}")
    try:
        return track_occlusion(levels)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from error


def _mean_area(place: str, areas: Any, frames: int) -> float | None:
    """Mean of the areas that the file lists, which officially go before those of the masks; None without a list."""
    if areas is None:
        return None
    if not isinstance(areas, list) or len(areas) != frames:
        raise UserError(f"{place}: areas is no list of {frames}", fix="give areas one entry per frame")
    listed = [area for area in areas if area]
    for value in listed:
        if not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
            raise UserError(
                f"{place}: areas holds {value!r}", fix="give pixels, or null where nothing is seen"
            )
    return float(np.mean(listed)) if listed else 0.0
