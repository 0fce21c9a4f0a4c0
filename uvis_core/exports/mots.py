"""MOTS: tracks without overlap as txt and as 16-bit PNG.

The format (https://www.vision.rwth-aachen.de/page/mots): a line of the txt is ``frame id class height width rle``, a
pixel of the PNG holds the id; an id is 1000 times the class and the number of the object.
"""

from pathlib import Path

import numpy as np
from PIL import Image

from uvis_core.exports.content import Content, ExportedObject, ExportedVideo, masks_by_place
from uvis_core.exports.davis import write_png
from uvis_core.exports.painting import number_objects, paint
from uvis_core.io.errors import UserError
from uvis_core.io.rle import encode_masks

PER_CLASS = 1000
MOST_CLASSES = (2**16 - 1) // PER_CLASS - 1


def write(folder: Path, content: Content) -> None:
    """Write ``instances_txt/<video>.txt``, ``instances/<video>/<frame>.png`` and ``instances/labels.txt``.

    Frames count from 0, in six digits. Classes count from 1 in the order of the vocabulary, which ``labels.txt`` lists.

    Args:
        folder: Empty.
        content: Tracks of a split.

    Raises:
        UserError: A track is of a class beyond those that 16 bits can hold.
    """
    ranks = {class_id: rank for rank, class_id in enumerate(content.class_names, 1)}
    (folder / "instances_txt").mkdir()
    (folder / "instances").mkdir()
    (folder / "instances" / "labels.txt").write_text(
        "".join(f"{name}\n" for name in content.class_names.values()), encoding="utf-8"
    )
    for video, objects in content.videos_and_objects():
        _check_classes(objects, ranks, content)
        _write_video(folder, video, objects, ranks)


def _write_video(
    folder: Path, video: ExportedVideo, objects: list[ExportedObject], ranks: dict[int, int]
) -> None:
    numbers = number_objects(video, objects, PER_CLASS - 1)
    classes = {entry.object_id: ranks[entry.class_id] for entry in objects}
    ids = {object_id: PER_CLASS * classes[object_id] + number for object_id, number in numbers.items()}
    images = folder / "instances" / video.name
    images.mkdir()
    height, width = video.size_px
    with (folder / "instances_txt" / f"{video.name}.txt").open("w", encoding="utf-8") as stream:
        for place, seen in enumerate(masks_by_place(video, objects)):
            painted = paint(video, seen, ids)
            write_png(images / f"{place:06d}.png", Image.fromarray(painted))
            for number in np.unique(painted[painted > 0]).tolist():
                (counts,) = encode_masks((painted == number)[None])
                stream.write(f"{place} {number} {number // PER_CLASS} {height} {width} {counts}\n")


def _check_classes(objects: list[ExportedObject], ranks: dict[int, int], content: Content) -> None:
    for entry in objects:
        if ranks[entry.class_id] > MOST_CLASSES:
            raise UserError(
                f"mots: class {content.class_names[entry.class_id]!r} is number {ranks[entry.class_id]} of the "
                f"vocabulary, the format holds {MOST_CLASSES}",
                fix="take mots out of exports.formats; davis and coco hold any class",
            )
