"""Truth as DAVIS keeps it: a folder per video, an image of object numbers per frame."""

from pathlib import Path

import numpy as np
from PIL import Image

from uvis_core.evaluation.splits import Video
from uvis_core.evaluation.truth import Truth, TruthTrack
from uvis_core.evaluation.tubes import build_tube
from uvis_core.io.errors import UserError
from uvis_core.io.rle import encode_masks

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
    tube = build_tube(seen, height, width)
    return TruthTrack(number, OBJECT_CLASS, tube, tube.mean_area_px, number == VOID, float("nan"))
