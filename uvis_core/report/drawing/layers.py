"""What is drawn on the frames of a clip: truth, pseudo-labels and tracks, as objects with colour and text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from scipy.optimize import linear_sum_assignment

from uvis_core.io.overlaps import tube_ious
from uvis_core.io.tubes import Tube, build_tube
from uvis_core.pages.formats import shortened

# Below this overlap a track is not taken for the same object as the truth.
SAME_OBJECT_IOU = 0.1
MARK_TEXT = "switch"
TAG_LENGTH = 20


@dataclass(frozen=True)
class DrawnObject:
    """One object over time, as it is drawn.

    Attributes:
        colour: Index into the palette of ``pictures``.
        text: Tag that is drawn at the object.
        tube: Where it is.
    """

    colour: int
    text: str
    tube: Tube


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
            text = f"{short_name(class_id, names)} {label['class_score']:.2f}"
            tube = tube_of([mask["frame_index"]], [mask["rle_counts"]], mask)
            objects.append(DrawnObject(places.get(class_id, len(places)), text, tube))
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
        tube = tube_of(annotated["frame_index"], annotated["rle_counts"], truth)
        objects.append(DrawnObject(colour, short_name(class_id, names), tube))
    return Layer("Truth", objects, "objects in truth")


def short_name(class_id: int, names: Mapping[int, str]) -> str:
    """What a tag has room for of a class's name."""
    return shortened(names.get(class_id, str(class_id)), TAG_LENGTH)


def tube_of(frames: Iterable[int], counts: Iterable[str], size: Mapping[str, Any]) -> Tube:
    """The tube of these run lengths in frames as large as ``height_px`` and ``width_px`` of a table's row say."""
    encoded = (text.encode("ascii") for text in counts)
    return build_tube(dict(zip(frames, encoded, strict=True)), size["height_px"], size["width_px"])


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
        entry = annotated.get(object_id, {"frame_index": (), "rle_counts": ()})
        shown = {
            frame: counts
            for frame, counts in zip(entry["frame_index"], entry["rle_counts"], strict=True)
            if first <= frame < first + held
        }
        marks.append(DrawnObject(0, MARK_TEXT, tube_of(shown, shown.values(), truth)))
    return marks


def track_layer(tracks: pa.Table, names: Mapping[int, str], min_score: float, truth: Layer | None) -> Layer:
    """Tracks of one video; each has the colour of the truth that it covers best, or one of its own.

    Args:
        tracks: Rows of table tracks.
        names: Class name by class id.
        min_score: Tracks with a lower score are left out.
        truth: The truth of the video, if there is one.
    """
    shown: dict[int, dict[int, str]] = {}
    last: dict[int, dict[str, Any]] = {}
    for row in tracks.to_pylist():
        if row["score"] >= min_score:
            shown.setdefault(row["track_id"], {})[row["frame_index"]] = row["rle_counts"]
            last[row["track_id"]] = row
    tubes = {track: tube_of(shown[track], shown[track].values(), last[track]) for track in sorted(shown)}
    colours = matched_colours([drawn.tube for drawn in truth.objects] if truth else [], list(tubes.values()))
    objects = []
    for (track, tube), colour in zip(tubes.items(), colours, strict=True):
        class_id, score = last[track]["class_id"], last[track]["score"]
        objects.append(DrawnObject(colour, f"{short_name(class_id, names)} {score:.2f}", tube))
    return Layer("Tracks", objects, "tracks drawn")


def matched_colours(truth: Sequence[Tube], tracks: Sequence[Tube]) -> list[int]:
    """Give each track the place of its truth under the best one-to-one matching; others get later ones."""
    iou = tube_ious(tracks, truth)
    pairs = zip(*linear_sum_assignment(iou, maximize=True), strict=True)
    matched = {int(track): int(target) for track, target in pairs if iou[track, target] >= SAME_OBJECT_IOU}
    free = iter(range(len(truth), len(truth) + len(tracks)))
    return [matched[place] if place in matched else next(free) for place in range(len(tracks))]
