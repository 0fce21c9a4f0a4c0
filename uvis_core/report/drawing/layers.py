"""What is drawn on the frames of a clip: truth, pseudo-labels and tracks, as objects with colour and text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from pycocotools import mask as coco
from scipy.optimize import linear_sum_assignment

from uvis_core.io.rle import to_coco

# Below this overlap a track is not taken for the same object as the truth.
SAME_OBJECT_IOU = 0.1
MARK_TEXT = "switch"

Masks = Mapping[int, dict[str, Any]]
"""COCO run-length mask by frame index; frames without the object are left out."""


@dataclass(frozen=True)
class DrawnObject:
    """One object over time, as it is drawn.

    Attributes:
        colour: Index into the palette of ``pictures``.
        text: Tag that is drawn at the object.
        masks: Where it is.
    """

    colour: int
    text: str
    masks: Masks


@dataclass(frozen=True)
class Layer:
    """One picture of a clip.

    Attributes:
        title: Heading.
        objects: What is drawn on the frames; none for the plain video.
        unit: Name of the objects.
        marks: What is framed and named on top of that; their colour is that of all marks.
    """

    title: str
    objects: Sequence[DrawnObject] = ()
    unit: str = ""
    marks: Sequence[DrawnObject] = ()


def label_layer(masks: pa.Table, labels: pa.Table, names: Mapping[int, str]) -> Layer:
    """Pseudo-labels that were kept, one object per detection, coloured by class.

    Args:
        masks: Rows of table masks.
        labels: Rows of table labels, joined by ``mask_id``.
        names: Class name by class id, in the order that gives the colours.
    """
    places = {class_id: place for place, class_id in enumerate(names)}
    kept = {row["mask_id"]: row for row in labels.to_pylist() if row["kept"]}
    objects = []
    for mask in masks.to_pylist():
        label = kept.get(mask["mask_id"])
        if label is not None:
            class_id = label["class_id"]
            text = f"{names.get(class_id, class_id)} {label['class_score']:.2f}"
            rle = to_coco(mask["rle_counts"], mask["height_px"], mask["width_px"])
            objects.append(DrawnObject(places.get(class_id, len(places)), text, {mask["frame_index"]: rle}))
    return Layer("Pseudo-labels", objects, "pseudo-labels")


def truth_layer(truth: Mapping[str, Any], names: Mapping[int, str], by_class: bool) -> Layer:
    """Annotated objects of one video.

    Args:
        truth: The video's row of table truth.
        names: Class name by class id, in the order that gives the colours.
        by_class: Colour by class, as the pseudo-labels are; otherwise every object has its own colour.
    """
    places = {class_id: place for place, class_id in enumerate(names)}
    objects = []
    for place, annotated in enumerate(truth["objects"]):
        class_id = annotated["class_id"]
        colour = places.get(class_id, len(places)) if by_class else place
        objects.append(DrawnObject(colour, str(names.get(class_id, class_id)), true_masks(truth, annotated)))
    return Layer("Truth", objects, "objects in truth")


def true_masks(truth: Mapping[str, Any], annotated: Mapping[str, Any]) -> Masks:
    """Where one of the objects in a row of table truth is."""
    size = truth["height_px"], truth["width_px"]
    pairs = zip(annotated["frame_index"], annotated["rle_counts"], strict=True)
    return {frame: to_coco(counts, *size) for frame, counts in pairs}


def switch_marks(
    truth: Mapping[str, Any], switches: Iterable[tuple[int, str]], held: int
) -> list[DrawnObject]:
    """What is marked: each object whose track changed, from that frame on.

    Args:
        truth: The video's row of table truth.
        switches: Frame index and ``object_id`` of each.
        held: Number of frames for which a mark stays.
    """
    annotated = {entry["object_id"]: entry for entry in truth["objects"]}
    marks = []
    for first, object_id in switches:
        masks = true_masks(truth, annotated[object_id]) if object_id in annotated else {}
        shown = {frame: mask for frame, mask in masks.items() if first <= frame < first + held}
        marks.append(DrawnObject(0, MARK_TEXT, shown))
    return marks


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
    targets = [shown.masks for shown in truth.objects] if truth else []
    colours = matched_colours(targets, [masks[track] for track in order])
    objects = [
        DrawnObject(colour, texts[track], masks[track]) for track, colour in zip(order, colours, strict=True)
    ]
    return Layer("Tracks", objects, "tracks drawn")


def matched_colours(truth: Sequence[Masks], tracks: Sequence[Masks]) -> list[int]:
    """Give each track the place of its truth under the best one-to-one matching; others get later ones."""
    iou = np.array([[masks_iou(target, track) for target in truth] for track in tracks]).reshape(
        len(tracks), len(truth)
    )
    pairs = zip(*linear_sum_assignment(iou, maximize=True), strict=True)
    matched = {int(track): int(target) for track, target in pairs if iou[track, target] >= SAME_OBJECT_IOU}
    free = iter(range(len(truth), len(truth) + len(tracks)))
    return [matched[place] if place in matched else next(free) for place in range(len(tracks))]


def masks_iou(first: Masks, second: Masks) -> float:
    """Sum of intersections over sum of unions of two objects, 0 to 1; masks of another size do not overlap."""
    shared = [
        [first[frame], second[frame]]
        for frame in first.keys() & second.keys()
        if first[frame]["size"] == second[frame]["size"]
    ]
    # One mask at a time: pycocotools 2.0.11 cannot give more than 255 areas at once.
    intersection = sum(int(coco.area(coco.merge(pair, intersect=True))) for pair in shared)
    areas = sum(int(coco.area(mask)) for masks in (first, second) for mask in masks.values())
    return intersection / (areas - intersection) if areas > intersection else 0.0
