"""Truth as DAVIS keeps it: a folder per video, an image of object numbers per frame."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from uvis_core.evaluation.splits import Video
from uvis_core.evaluation.truth import Truth, TruthTrack
from uvis_core.io.errors import UserError
from uvis_core.io.rle import encode_masks
from uvis_core.io.tubes import Tube, read_segmentations

OBJECT_CLASS = 1
VOID = 255


def read_davis_truth(folder: Path | str) -> Truth:
    """Read a folder of annotations, such as DAVIS's ``Annotations/480p``.

    Indexed images (DAVIS 2017) hold an object per number; 255 is void and becomes a crowd, which counts
    neither way. In images without a palette (DAVIS 2016) all that is not 0 is one object.

    Args:
        folder: One folder per video, in it one PNG file per frame.

    Returns:
        Videos by the names of their folders, all objects of one class, ``object``.

    Raises:
        UserError: There are no such images, or those of one video differ in size.
    """
    folder = Path(folder)
    videos: dict[int | str, Video] = {}
    tracks: dict[int | str, list[TruthTrack]] = {}
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        numbers = _read_numbers(place)
        if len(numbers):
            frames, height, width = numbers.shape
            videos[place.name] = Video(place.name, height, width, frames)
            tracks[place.name] = [
                _track(numbers == number, int(number)) for number in np.unique(numbers[numbers > 0])
            ]
    if not videos:
        raise UserError(
            f"{folder}: holds no folder with PNG images", fix="give DAVIS's folder Annotations/480p"
        )
    return Truth(folder, videos, {OBJECT_CLASS: "object"}, tracks)


def ytvis_truth(folder: Path | str, videos: Collection[str]) -> dict[str, Any]:
    """The annotations of some videos in YTVIS layout, so that all figures and pictures can be taken against them.

    Args:
        folder: As ``read_davis_truth`` takes it.
        videos: Names of the videos wanted.

    Returns:
        Ready for json; videos count from 1 in the order of their names, annotations from 1 through all videos, void is
        a crowd.

    Raises:
        UserError: One of the videos has no annotations, or images cannot be used.
    """
    truth = read_davis_truth(folder)
    missing = sorted(set(videos) - set(truth.videos))
    if missing:
        raise UserError(
            f"{folder}: lacks {len(missing)} of the videos, such as {missing[:3]}",
            fix="give the annotations of these very videos, in folders of the same names, or set truth to null",
        )
    entries: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number, name in enumerate(sorted(videos), start=1):
        video = truth.videos[name]
        files = [f"{name}/{path.name}" for path in sorted((Path(folder) / name).glob("*.png"))]
        size = {"height": video.height_px, "width": video.width_px}
        entries.append({"id": number, "name": name, **size, "length": video.frames, "file_names": files})
        for track in truth.tracks[name]:
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "video_id": number,
                    "category_id": OBJECT_CLASS,
                    "iscrowd": int(track.crowd),
                    **_listed_masks(track.tube, video.frames),
                }
            )
    categories = [{"id": OBJECT_CLASS, "name": "object", "supercategory": "object"}]
    return {"videos": entries, "categories": categories, "annotations": annotations}


def _listed_masks(tube: Tube, frames: int) -> dict[str, Any]:
    """Segmentations and areas of every frame, null where the object is not to be seen."""
    size = [tube.height_px, tube.width_px]
    areas = [tube.areas_px.get(frame) or None for frame in range(frames)]
    masks = [
        {"size": size, "counts": tube.counts[frame].decode("ascii")} if area else None
        for frame, area in enumerate(areas)
    ]
    return {"segmentations": masks, "areas": areas}


def _read_numbers(place: Path) -> np.ndarray:
    """Object numbers of all frames of one video, uint8 of shape (T, H, W)."""
    frames: list[np.ndarray] = []
    for path in sorted(place.glob("*.png")):
        with Image.open(path) as image:
            numbers = np.asarray(image)
            indexed = image.mode == "P"
        if numbers.ndim != 2:
            raise UserError(f"{path}: has {numbers.shape[-1]} channels", fix="give images of object numbers")
        if frames and numbers.shape != frames[0].shape:
            raise UserError(
                f"{path}: its size is {numbers.shape}, that of the first frame {frames[0].shape} (height, width)",
                fix="give all frames of a video in one size",
            )
        frames.append(numbers if indexed else (numbers > 0).astype(np.uint8))
    return np.stack(frames) if frames else np.zeros((0, 0, 0), dtype=np.uint8)


def _track(masks: np.ndarray, number: int) -> TruthTrack:
    """One object from its masks, bool of shape (T, H, W)."""
    _, height, width = masks.shape
    seen = [{"size": [height, width], "counts": counts} for counts in encode_masks(masks)]
    tube = read_segmentations(seen, height, width)
    return TruthTrack(number, OBJECT_CLASS, tube, tube.mean_area_px, number == VOID, float("nan"))
