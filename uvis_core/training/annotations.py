"""Pseudo-labels (or truth) in YTVIS json, read for training."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pycocotools import mask as coco

from uvis_core.io.atomic import read_json
from uvis_core.io.errors import UserError

Segmentation = Mapping[str, Any] | list[list[float]]


@dataclass(frozen=True)
class LabelledVideo:
    """One video and its labels.

    Attributes:
        height_px: Height of all frames.
        width_px: Width of all frames.
        files: Paths of the frames, relative to the image root or absolute.
        instances: Position in ``files`` → class index and segmentation of each instance in that frame.
    """

    height_px: int
    width_px: int
    files: tuple[str, ...]
    instances: Mapping[int, tuple[tuple[int, Segmentation], ...]]


@dataclass(frozen=True)
class LabelledVideos:
    """A labelled data set.

    Attributes:
        class_ids: The data set's id of each class index, ascending.
        videos: All videos, those without any label included: their frames teach what is no object.
    """

    class_ids: tuple[int, ...]
    videos: tuple[LabelledVideo, ...]


def read_labels(path: Path | str) -> LabelledVideos:
    """Read a YTVIS json; crowd annotations are left out.

    Raises:
        UserError: The file is no YTVIS json, refers to unknown ids, or holds no label at all.
    """
    content = read_json(path)
    again = "make the file again with the labels stage, or check that it is in YTVIS format"
    try:
        class_ids = tuple(sorted(int(category["id"]) for category in content["categories"]))
        class_index = {identity: index for index, identity in enumerate(class_ids)}
        instances: dict[int, dict[int, list[tuple[int, Segmentation]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for annotation in content["annotations"] or ():
            if annotation.get("iscrowd"):
                continue
            index = class_index[annotation["category_id"]]
            for frame, segmentation in enumerate(annotation["segmentations"]):
                if segmentation is not None:
                    instances[annotation["video_id"]][frame].append((index, segmentation))
        videos = tuple(
            LabelledVideo(
                height_px=int(video["height"]),
                width_px=int(video["width"]),
                files=tuple(video["file_names"]),
                instances={frame: tuple(found) for frame, found in instances.pop(video["id"], {}).items()},
            )
            for video in content["videos"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path}: is no YTVIS json ({type(error).__name__}: {error})", fix=again) from error
    if instances:
        raise UserError(
            f"{path}: annotations of videos that it does not list: ids {sorted(instances)[:5]}", fix=again
        )
    if not any(video.instances for video in videos):
        raise UserError(
            f"{path}: holds no label to train on{_removed(content)}",
            fix="lower the threshold that removed most",
        )
    return LabelledVideos(class_ids, videos)


def _removed(content: Mapping[str, Any]) -> str:
    """How many candidates each threshold removed, where the labels stage noted it under info.counts."""
    info = content.get("info")
    counts = info.get("counts") if isinstance(info, Mapping) else None
    if not isinstance(counts, Mapping) or not counts:
        return ""
    return "; candidates by verdict: " + ", ".join(f"{reason} {number}" for reason, number in counts.items())


def decode_segmentation(segmentation: Segmentation, height_px: int, width_px: int) -> np.ndarray:
    """Decode compressed or plain run lengths or polygons to a bool mask of shape (H, W).

    Raises:
        ValueError: The mask's size is not (H, W).
    """
    if isinstance(segmentation, list):
        rle = coco.merge(coco.frPyObjects(segmentation, height_px, width_px))
    elif isinstance(segmentation["counts"], list):
        rle = coco.frPyObjects(segmentation, height_px, width_px)
    else:
        counts = segmentation["counts"]
        rle = {
            "size": segmentation["size"],
            "counts": counts.encode("ascii") if isinstance(counts, str) else counts,
        }
    if tuple(rle["size"]) != (height_px, width_px):
        raise ValueError(f"mask of {tuple(rle['size'])} on a frame of {(height_px, width_px)}")
    return coco.decode(rle).astype(bool)
