"""Annotations in YTVIS or OVIS json: read entry by entry, checked, and turned into tubes."""

import math
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from uvis_core.io.annotations.listing import read_listing, read_tube, require, require_id
from uvis_core.io.annotations.model import Annotations, TrueObject, Video, VideoId, VideoTruth
from uvis_core.io.annotations.occlusion import track_occlusion
from uvis_core.io.errors import UserError
from uvis_core.io.json_items import iterate_items
from uvis_core.io.schemas.truth import UNKNOWN_OCCLUSION
from uvis_core.io.tubes import Tube


def read_ytvis(path: Path | str) -> Annotations:
    """Read the annotations of a split; in memory are the compressed run lengths of all masks.

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
    fault = ""
    index = -1
    for index, entry in enumerate(iterate_items(path, "annotations.item")):
        name = entry.get("id", f"number {index}") if isinstance(entry, dict) else f"number {index}"
        place = f"{path}: annotation {name}"
        video = _video_of(place, entry, videos, names)
        tube = read_tube(place, entry["segmentations"], video)
        try:
            occlusion = _occlusion(place, entry, video)
        except ValueError as error:
            occlusion, fault = UNKNOWN_OCCLUSION, fault or str(error)
        area = _mean_area(place, entry.get("areas"), tube, video.frames)
        crowd = entry.get("iscrowd")
        if crowd not in (None, 0, 1):
            raise UserError(f"{place}: iscrowd is {crowd!r}", fix="give 0 or 1")
        objects, tubes = found[video.video_id]
        objects.append(TrueObject(entry.get("id"), entry["category_id"], bool(crowd), area, occlusion))
        tubes.append(tube)
        if "id" in entry:
            ids[str(entry["id"])] += 1
    if index < 0:
        _check_list(path)
    truths = {video_id: VideoTruth(*lists) for video_id, lists in found.items()}
    return Annotations(path, videos, names, truths.__getitem__, _warnings(path, index + 1, ids), fault)


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


def _mean_area(place: str, areas: Any, tube: Tube, frames: int) -> float:
    """Mean of the areas that the file lists, which officially go before those of the masks."""
    if areas is None:
        return tube.mean_area_px
    if not isinstance(areas, list) or len(areas) != frames:
        raise UserError(f"{place}: areas is no list of {frames}", fix="give areas one entry per frame")
    listed = [area for area in areas if area]
    for value in listed:
        if not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
            raise UserError(
                f"{place}: areas holds {value!r}", fix="give pixels, or null where nothing is seen"
            )
    return float(np.mean(listed)) if listed else 0.0
