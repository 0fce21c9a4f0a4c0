"""Annotations as DAVIS keeps them: a folder per video, an image of object numbers per frame."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from uvis_core.io.annotations.model import Annotations, TrueObject, Video, VideoId, VideoTruth
from uvis_core.io.errors import UserError
from uvis_core.io.images import image_size, read_numbers
from uvis_core.io.rle import encode_masks
from uvis_core.io.schemas.truth import UNKNOWN_OCCLUSION
from uvis_core.io.tubes import Tube, build_tube

OBJECT_CLASS = 1
VOID = 255


def read_davis(folder: Path | str) -> Annotations:
    """Read a folder of annotations, such as DAVIS's ``Annotations/480p``; a video's images when it is asked for.

    Indexed images (DAVIS 2017) hold an object per number; 255 is void and becomes a crowd, which counts
    neither way. In images without a palette (DAVIS 2016) all that is not 0 is one object.

    Args:
        folder: One folder per video, in it one PNG file per frame.

    Returns:
        Videos by the names of their folders, all objects of one class, ``object``.

    Raises:
        UserError: There are no such images, or one is missing between others; also by ``read``, where one cannot be
            read or has another size than the first.
    """
    folder = Path(folder)
    images = {
        place.name: sorted(place.glob("*.png"))
        for place in sorted(folder.iterdir())
        if place.is_dir() and not place.name.startswith(".")
    }
    if not any(images.values()):
        raise UserError(
            f"{folder}: holds no folder with PNG images", fix="give DAVIS's folder Annotations/480p"
        )
    videos: dict[VideoId, Video] = {}
    for name, paths in images.items():
        _check_names(folder / name, paths)
        videos[name] = Video(name, name, name, *image_size(paths[0]), len(paths))

    def read(video_id: VideoId) -> VideoTruth:
        numbers = _read_numbers(images[str(video_id)])
        present = np.unique(numbers[numbers > 0]).tolist()
        tubes = [_tube(numbers == number) for number in present]
        objects = [
            TrueObject(number, OBJECT_CLASS, number == VOID, tube.mean_area_px, UNKNOWN_OCCLUSION)
            for number, tube in zip(present, tubes, strict=True)
        ]
        return VideoTruth(objects, tubes)

    fault = f"{folder}: annotations of DAVIS carry no occlusion"
    return Annotations(folder, videos, {OBJECT_CLASS: "object"}, read, occlusion_fault=fault)


def _check_names(video: Path, paths: Sequence[Path]) -> None:
    """See that there are images, and that none is missing where they are numbered."""
    if not paths:
        raise UserError(f"{video}: holds no PNG image", fix="give an image of object numbers per frame")
    if all(path.stem.isdecimal() for path in paths):
        steps = np.diff([int(path.stem) for path in paths]).tolist()
        for place in [place for place, step in enumerate(steps) if step != min(steps)][:1]:
            raise UserError(
                f"{video}: no image between {paths[place].name} and {paths[place + 1].name}",
                fix="put the missing images back: every frame needs one",
            )


def _read_numbers(paths: Sequence[Path]) -> np.ndarray:
    """Object numbers of all frames of one video, uint8 of shape (T, H, W)."""
    frames: list[np.ndarray] = []
    for path in paths:
        numbers, indexed = read_numbers(path)
        if numbers.ndim != 2:
            raise UserError(f"{path}: has {numbers.shape[-1]} channels", fix="give images of object numbers")
        if frames and numbers.shape != frames[0].shape:
            raise UserError(
                f"{path}: its size is {numbers.shape}, that of the first frame {frames[0].shape} (height, width)",
                fix="give all frames of a video in one size",
            )
        frames.append(numbers if indexed else (numbers > 0).astype(np.uint8))
    return np.stack(frames)


def _tube(masks: np.ndarray) -> Tube:
    """One object from its masks, bool of shape (T, H, W); frames without it are left out."""
    seen = np.flatnonzero(masks.any(axis=(1, 2)))
    texts = [text.encode() for text in encode_masks(masks[seen])]
    return build_tube(dict(zip(seen.tolist(), texts, strict=True)), *masks.shape[1:])
