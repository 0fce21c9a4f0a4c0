"""COCO json: the objects of every frame.

The layout is COCO's "object detection" (https://cocodataset.org/#format-data), masks as compressed run lengths, which
keep holes; beside it stand the fields for videos that TAO (https://taodataset.org) gave it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from uvis_core.exports.content import Content, ExportedVideo, masks_by_place
from uvis_core.exports.images import copied_name, image_name, put_images
from uvis_core.exports.json_stream import write_items
from uvis_core.io.rle import mask_areas, mask_boxes

DECIMALS = 6


def write(folder: Path, content: Content) -> None:
    """Write ``instances.json``, and with ``copy_images`` the frames, in ``images``.

    ``images``: ``file_name`` is relative to ``images`` or, without copies, to the image root; ``video_id``,
    ``frame_index`` (place in the video, from 0). ``annotations``: ``track_id`` counts the objects of the whole file
    from 1, so that it alone names a track; ``score``; of a label also its ``mask_id`` and the three scores, of a track
    its number in its video as ``track``.

    Args:
        folder: Empty.
        content: Labels or tracks of a split.
    """
    categories = [
        {"id": number, "name": name, "supercategory": "object"}
        for number, name in content.class_names.items()
    ]
    starts: dict[str, int] = {}
    with (folder / "instances.json").open("w", encoding="utf-8") as stream:
        stream.write(f'{{"info": {json.dumps({"description": _description(content)})},\n"licenses": [],\n')
        stream.write(f'"categories": {json.dumps(categories)},\n"videos": [')
        write_items(stream, (json.dumps(_video(video)) for video in content.videos()))
        stream.write('\n],\n"images": [')
        write_items(stream, _images(folder, content, starts))
        stream.write('\n],\n"annotations": [')
        write_items(stream, _annotations(content, starts))
        stream.write("\n]}\n")


def _description(content: Content) -> str:
    return f"{'Pseudo-labels' if content.of == 'labels' else 'Tracks'}, an annotation per object and frame"


def _video(video: ExportedVideo) -> dict[str, Any]:
    height, width = video.size_px
    return {"id": video.number, "name": video.name, "width": width, "height": height}


def _images(folder: Path, content: Content, starts: dict[str, int]) -> Iterator[str]:
    """Each frame as json text, numbered from 1; notes in ``starts`` before which number each video's begin."""
    number = 0
    copies = content.options.copy_images
    for video in content.videos():
        starts[video.name] = number
        height, width = video.size_px
        if copies:
            put_images(folder / "images", video, copies=True)
        for place, path in enumerate(video.paths):
            number += 1
            yield json.dumps(
                {
                    "id": number,
                    "file_name": copied_name(video, place)
                    if copies
                    else image_name(path, content.image_root),
                    "width": width,
                    "height": height,
                    "video_id": video.number,
                    "frame_index": place,
                }
            )


def _annotations(content: Content, starts: dict[str, int]) -> Iterator[str]:
    """Each object in each frame as json text, frame by frame."""
    number = before = 0
    for video, objects in content.videos_with_objects():
        track_ids = {entry.object_id: before + count for count, entry in enumerate(objects, 1)}
        before += len(objects)
        for place, seen in enumerate(masks_by_place(video, objects)):
            for entry, counts in seen:
                number += 1
                (height, width) = entry.size_px
                x0, y0, x1, y1 = mask_boxes([counts], height, width)[0].tolist()
                yield json.dumps(
                    {
                        "id": number,
                        "image_id": starts[video.name] + place + 1,
                        "category_id": entry.class_id,
                        "video_id": video.number,
                        "track_id": track_ids[entry.object_id],
                        "iscrowd": 0,
                        "segmentation": {"size": [height, width], "counts": counts},
                        "bbox": [x0, y0, x1 - x0, y1 - y0],
                        "area": int(mask_areas([counts], height, width)[0]),
                        "score": round(entry.score, DECIMALS),
                        **{name: round(score, DECIMALS) for name, score in entry.scores.items()},
                        ("mask_id" if content.of == "labels" else "track"): entry.object_id,
                    }
                )
