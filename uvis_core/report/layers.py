"""What is drawn on the frames of a clip: truth, pseudo-labels and tracks, as tubes with colour and text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from pycocotools import mask as coco
from scipy.optimize import linear_sum_assignment

from uvis_core.io.rle import to_coco

# Below this overlap a track is not taken for the same object as the truth.
SAME_OBJECT_IOU = 0.1


@dataclass(frozen=True)
class Tube:
    """One object over time.

    Attributes:
        colour: Index into the palette of ``drawing``.
        text: Tag that is drawn at the object.
        masks: COCO run-length mask by frame index; frames without the object are left out.
    """

    colour: int
    text: str
    masks: Mapping[int, dict[str, Any]]


@dataclass(frozen=True)
class Layer:
    """One picture of a clip.

    Attributes:
        title: Heading.
        tubes: What is drawn on the frames; none for the plain video.
        unit: Name of the tubes.
        marks: What is framed and named on top of that; their colour is that of all marks.
    """

    title: str
    tubes: Sequence[Tube] = ()
    unit: str = ""
    marks: Sequence[Tube] = ()


def label_layer(masks: pa.Table, labels: pa.Table, names: Mapping[int, str]) -> Layer:
    """Pseudo-labels that were kept, one tube per detection, coloured by class.

    Args:
        masks: Rows of table masks.
        labels: Rows of table labels, joined by ``mask_id``.
        names: Class name by class id, in the order that gives the colours.
    """
    places = {class_id: place for place, class_id in enumerate(names)}
    kept = {row["mask_id"]: row for row in labels.to_pylist() if row["kept"]}
    tubes = []
    for mask in masks.to_pylist():
        label = kept.get(mask["mask_id"])
        if label is not None:
            class_id = label["class_id"]
            text = f"{names.get(class_id, class_id)} {label['class_score']:.2f}"
            rle = to_coco(mask["rle_counts"], mask["height_px"], mask["width_px"])
            tubes.append(Tube(places.get(class_id, len(places)), text, {mask["frame_index"]: rle}))
    return Layer("Pseudo-labels", tubes, "pseudo-labels")


def truth_layer(
    truth: Mapping[str, Any], video: Mapping[str, Any], names: Mapping[int, str], by_class: bool
) -> Layer:
    """Annotated objects of one video.

    Args:
        truth: Contents of a YTVIS file.
        video: The entry of the video in its ``videos``.
        names: Class name by class id, in the order that gives the colours.
        by_class: Colour by class, as the pseudo-labels are; otherwise every object has its own colour.
    """
    places = {class_id: place for place, class_id in enumerate(names)}
    own = sorted(
        (a for a in truth["annotations"] or () if a["video_id"] == video["id"]), key=lambda a: a["id"]
    )
    tubes = []
    for place, annotation in enumerate(own):
        class_id = annotation["category_id"]
        colour = places.get(class_id, len(places)) if by_class else place
        masks = {
            frame: rle
            for frame, segmentation in enumerate(annotation["segmentations"])
            if (rle := coco_mask(segmentation, video["height"], video["width"])) is not None
        }
        tubes.append(Tube(colour, str(names.get(class_id, class_id)), masks))
    return Layer("Truth", tubes, "objects in truth")


def track_layer(tracks: pa.Table, names: Mapping[int, str], min_score: float, truth: Layer | None) -> Layer:
    """Tracks of one video; each has the colour of the truth that it covers best, or one of its own.

    Args:
        tracks: Rows of table tracks.
        names: Class name by class id.
        min_score: Tracks with a lower score are left out.
        truth: The truth of the video, if there is one.
    """
    masks: dict[int, dict[int, dict[str, Any]]] = {}
    texts: dict[int, str] = {}
    for row in tracks.to_pylist():
        if row["score"] < min_score:
            continue
        texts[row["track_id"]] = f"{names.get(row['class_id'], row['class_id'])} {row['score']:.2f}"
        rle = to_coco(row["rle_counts"], row["height_px"], row["width_px"])
        masks.setdefault(row["track_id"], {})[row["frame_index"]] = rle
    order = sorted(masks)
    targets = [tube.masks for tube in truth.tubes] if truth else []
    colours = matched_colours(targets, [masks[track] for track in order])
    tubes = [Tube(colour, texts[track], masks[track]) for track, colour in zip(order, colours, strict=True)]
    return Layer("Tracks", tubes, "tracks drawn")


def matched_colours(
    truth: Sequence[Mapping[int, dict[str, Any]]], tracks: Sequence[Mapping[int, dict[str, Any]]]
) -> list[int]:
    """Give each track the place of its truth under the best one-to-one matching; others get later ones."""
    iou = np.array([[tube_iou(target, track) for target in truth] for track in tracks]).reshape(
        len(tracks), len(truth)
    )
    pairs = zip(*linear_sum_assignment(iou, maximize=True), strict=True)
    matched = {int(track): int(target) for track, target in pairs if iou[track, target] >= SAME_OBJECT_IOU}
    free = iter(range(len(truth), len(truth) + len(tracks)))
    return [matched[place] if place in matched else next(free) for place in range(len(tracks))]


def tube_iou(first: Mapping[int, dict[str, Any]], second: Mapping[int, dict[str, Any]]) -> float:
    """Sum of intersections over sum of unions of two tubes, 0 to 1; masks of another size do not overlap."""
    shared = [
        [first[frame], second[frame]]
        for frame in first.keys() & second.keys()
        if first[frame]["size"] == second[frame]["size"]
    ]
    # One mask at a time: pycocotools 2.0.11 cannot give more than 255 areas at once.
    intersection = sum(int(coco.area(coco.merge(pair, intersect=True))) for pair in shared)
    areas = sum(int(coco.area(mask)) for tube in (first, second) for mask in tube.values())
    return intersection / (areas - intersection) if areas > intersection else 0.0


def coco_mask(segmentation: Any, height: int, width: int) -> dict[str, Any] | None:
    """One frame of a YTVIS file (run lengths, plain or not, polygons, null) as compressed run lengths."""
    if not segmentation:
        return None
    if isinstance(segmentation, list):
        return coco.merge(coco.frPyObjects(segmentation, height, width))
    if isinstance(segmentation["counts"], list):
        return coco.frPyObjects(segmentation, *segmentation["size"])
    return to_coco(segmentation["counts"], *segmentation["size"])
