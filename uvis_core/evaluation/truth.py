"""Truth in YTVIS or OVIS json: read, checked, and turned into tubes."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from uvis_core.evaluation.occlusion import track_occlusion
from uvis_core.evaluation.splits import Video, VideoId, parse_split, read_tube, require, require_id
from uvis_core.io.atomic import read_json
from uvis_core.io.errors import UserError
from uvis_core.io.tubes import Tube


@dataclass(frozen=True)
class TruthTrack:
    """One annotated object.

    Attributes:
        annotation_id: The file's id.
        class_id: Class of the data set.
        tube: Its masks.
        mean_area_px: Mean of the file's ``areas`` over the frames where it is to be seen.
        crowd: Whether it stands for a crowd, which is neither to be found nor wrong to be found.
        occlusion: Occlusion score in 0 to 1, NaN where the file has none or it was not asked for.
    """

    annotation_id: Any
    class_id: int
    tube: Tube
    mean_area_px: float
    crowd: bool
    occlusion: float


@dataclass(frozen=True)
class Truth:
    """A whole truth file.

    Attributes:
        path: Where it was read.
        videos: Every video by its id, in the order of the ids.
        class_names: Name by class id, in the order of the ids.
        tracks: The annotated objects of every video, in the order of class id and file.
        warnings: What was odd in the file, in words.
    """

    path: Path
    videos: Mapping[VideoId, Video]
    class_names: Mapping[int, str]
    tracks: Mapping[VideoId, Sequence[TruthTrack]]
    warnings: Sequence[str] = field(default_factory=tuple)

    @property
    def all_tracks(self) -> Iterator[TruthTrack]:
        """The annotated objects of all videos."""
        for tracks in self.tracks.values():
            yield from tracks


def read_truth(path: Path | str, *, with_occlusion: bool = False) -> Truth:
    """Read a truth file.

    Args:
        path: Json with ``videos``, ``categories`` and ``annotations``.
        with_occlusion: Whether to read the ``occlusion`` of OVIS.

    Raises:
        UserError: The file carries no annotations, or one of its entries is incomplete, contradicts another
            or has masks that do not fit its video.
    """
    path = Path(path)
    content = read_json(path)
    videos, names = parse_split(path, content)
    if not isinstance(content.get("annotations"), list):
        raise UserError(
            f"{path}: annotations is {content.get('annotations')!r}, so the split carries no labels",
            fix="evaluate on a labelled split, such as a part of train that was kept apart",
        )
    tracks: dict[VideoId, list[TruthTrack]] = {video_id: [] for video_id in videos}
    annotations = content["annotations"]
    warnings = _id_warnings(path, annotations)
    for index in range(len(annotations)):
        # Taking each entry out of the list lets its text go as soon as its tube is made.
        entry, annotations[index] = annotations[index], None
        name = entry.get("id", f"number {index}") if isinstance(entry, dict) else f"number {index}"
        place = f"{path}: annotation {name}"
        video_id, track = _track(place, entry, videos, names, with_occlusion)
        tracks[video_id].append(track)
    for found in tracks.values():
        found.sort(key=lambda track: track.class_id)
    return Truth(path, videos, names, tracks, warnings)


def _id_warnings(path: Path, annotations: Sequence[Any]) -> list[str]:
    """What is odd about the ids; the figures do not depend on them."""
    ids = Counter(str(entry["id"]) for entry in annotations if isinstance(entry, dict) and "id" in entry)
    warnings = []
    if not annotations:
        warnings.append(f"{path}: the list of annotations is empty, every figure is -1")
    if ids["0"]:
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


def _track(
    place: str, entry: Any, videos: Mapping[VideoId, Video], names: Mapping[int, str], with_occlusion: bool
) -> tuple[VideoId, TruthTrack]:
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
    video = videos[entry["video_id"]]
    tube = read_tube(place, entry["segmentations"], video)
    occlusion = float("nan")
    if with_occlusion:
        require(place, entry, ["occlusion"])
        _check_per_frame(place, "occlusion", entry["occlusion"], video.frames)
        try:
            occlusion = track_occlusion(entry["occlusion"])
        except ValueError as error:
            fix = "evaluate with --protocol ytvis, or mend the file"
            raise UserError(f"{place}: {error}", fix=fix) from error
    area = _mean_area(place, entry.get("areas"), tube, video.frames)
    crowd = bool(entry.get("iscrowd"))
    return video.video_id, TruthTrack(entry.get("id"), entry["category_id"], tube, area, crowd, occlusion)


def _mean_area(place: str, areas: Any, tube: Tube, frames: int) -> float:
    """Mean of the areas that the file lists, which officially go before those of the masks."""
    if areas is None:
        return tube.mean_area_px
    _check_per_frame(place, "areas", areas, frames)
    listed = [area for area in areas if area]
    if not all(isinstance(area, int | float) and math.isfinite(area) for area in listed):
        raise UserError(f"{place}: areas holds {areas!r}", fix="give numbers, or null where nothing is seen")
    return float(np.mean(listed)) if listed else 0.0


def _check_per_frame(place: str, name: str, values: Any, frames: int) -> None:
    if not isinstance(values, list) or len(values) != frames:
        raise UserError(f"{place}: {name} is no list of {frames}", fix=f"give {name} one entry per frame")
