"""A data set that FiftyOne imports, with the scores as fields of its detections.

The layout is ``FiftyOneImageDetectionDataset`` (https://docs.voxel51.com/user_guide/import_datasets.html):
``labels.json`` by the names of the images in ``data``; attributes become fields.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from uvis_core.exports.content import Content, ExportedVideo, SeenObject, masks_by_place
from uvis_core.exports.davis import write_png
from uvis_core.exports.folder import final_folder
from uvis_core.exports.images import frame_name, put_images
from uvis_core.exports.json_stream import write_items
from uvis_core.io.rle import decode_masks, mask_boxes

DECIMALS = 6


def write(folder: Path, content: Content) -> None:
    """Write ``labels.json``, the frames in ``data/<video>`` (links or copies) and a PNG per mask in ``masks``.

    Fields of a detection: ``label``, ``bounding_box``, ``confidence``, ``mask_path`` (absolute, as FiftyOne wants it;
    the image of the box), ``video``, ``frame_number`` (place from 1, as FiftyOne counts), of a track ``index``, of a
    label ``mask_id`` as text and the three scores.

    Args:
        folder: Empty.
        content: Labels or tracks of a split.
    """
    classes = list(content.class_names.values())
    with (folder / "labels.json").open("w", encoding="utf-8") as stream:
        stream.write(f'{{"classes": {json.dumps(classes)},\n"labels": {{')
        write_items(stream, _images(folder, content))
        stream.write("\n}}\n")


def _images(folder: Path, content: Content) -> Iterator[str]:
    """Each image and its detections as an entry of a json object."""
    for video, objects in content.videos_and_objects():
        put_images(folder / "data", video, copies=content.options.copy_images)
        (folder / "masks" / video.name).mkdir(parents=True)
        for place, seen in enumerate(masks_by_place(video, objects)):
            name = f"{video.name}/{frame_name(video, place)}"
            found = [_detection(folder, name, content, video, place, one) for one in seen]
            yield f"{json.dumps(name)}: {json.dumps(found)}"


def _detection(
    folder: Path, name: str, content: Content, video: ExportedVideo, place: int, one: SeenObject
) -> dict[str, Any]:
    entry, counts = one
    height, width = entry.size_px
    x0, y0, x1, y1 = mask_boxes([counts], height, width)[0].astype(int).tolist()
    mask = decode_masks([counts], height, width)[0, y0:y1, x0:x1]
    path = Path("masks", f"{name}-{entry.object_id}.png")
    write_png(folder / path, Image.fromarray(mask.astype(np.uint8) * 255))
    known = {"mask_id": str(entry.object_id)} if content.of == "labels" else {"index": entry.object_id}
    return {
        "label": content.class_names[entry.class_id],
        "bounding_box": [x0 / width, y0 / height, (x1 - x0) / width, (y1 - y0) / height],
        "confidence": round(entry.score, DECIMALS),
        "attributes": {
            "mask_path": str(final_folder(folder) / path),
            "video": video.name,
            "frame_number": place + 1,
            **known,
            **{score: round(value, DECIMALS) for score, value in entry.scores.items()},
        },
    }
