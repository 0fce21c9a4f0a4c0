"""YTVIS json: labels as annotations of a data set, tracks as results."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from uvis_core.exports.content import Content, ExportedObject, ExportedVideo
from uvis_core.exports.images import image_name
from uvis_core.exports.json_stream import write_items
from uvis_core.exports.results import result_pieces, write_results
from uvis_core.io.atomic import atomic_path
from uvis_core.io.rle import mask_areas, mask_boxes

DECIMALS = 6


def write_labels(output: Path | str, content: Content) -> None:
    """Write labels as a data set.

    ``videos``: ``id``, ``name``, ``width``, ``height``, ``length``, ``file_names``; videos without labels are listed
    too. ``annotations``: every label on its own, not null in one frame of ``segmentations`` (compressed RLE),
    ``bboxes`` (x, y, width, height in pixels) and ``areas`` (pixels), with the names of its video and class, ``score``
    = objectness x class score, the three scores and ``mask_id``. ``info.counts`` says how many crops were kept and how
    many each criterion removed, or a hand accepted or rejected, ``info.counts_per_class`` the same by class name.

    Args:
        output: The json.
        content: Labels of a split.
    """
    info = {
        "description": "Pseudo-labels: each annotation is one detection in one frame",
        "counts": {
            reason: sum(of_class[reason] for of_class in content.verdicts.values())
            for reason in next(iter(content.verdicts.values()), {})
        },
        "counts_per_class": content.verdicts,
    }
    categories = [
        {"id": number, "name": name, "supercategory": "object"}
        for number, name in content.class_names.items()
    ]
    with atomic_path(output) as temporary, temporary.open("w", encoding="utf-8") as stream:
        stream.write(f'{{"info": {json.dumps(info)},\n"categories": {json.dumps(categories)},\n"videos": [')
        write_items(stream, (json.dumps(_video(video, content.image_root)) for video in content.videos()))
        stream.write('\n],\n"annotations": [')
        write_items(stream, _annotations(content))
        stream.write("\n]}\n")


def write_tracks(output: Path | str, content: Content) -> None:
    """Write tracks as a list of ``{video_id, video_name, category_id, category_name, score, segmentations}``.

    ``segmentations`` has one entry per frame of the video: compressed run lengths, or null where the track is not
    seen.

    Args:
        output: The json.
        content: Tracks of a split.
    """
    write_results(output, _results(content))


def _video(video: ExportedVideo, root: Path | str) -> dict[str, Any]:
    return {
        "id": video.number,
        "name": video.name,
        "width": video.size_px[1],
        "height": video.size_px[0],
        "length": len(video.paths),
        "file_names": [image_name(path, root) for path in video.paths],
    }


def _names(content: Content, video: ExportedVideo, entry: ExportedObject) -> dict[str, Any]:
    return {
        "video_id": video.number,
        "video_name": video.name,
        "category_id": entry.class_id,
        "category_name": content.class_names[entry.class_id],
    }


def _annotations(content: Content) -> Iterator[str]:
    """Each label as json text, numbered from 1 through all shards."""
    number = 0
    for video, labels in content.videos_with_objects():
        for label in labels:
            number += 1
            (place, counts), (height, width) = *label.masks.items(), label.size_px
            x0, y0, x1, y1 = mask_boxes([counts], height, width)[0].tolist()
            head = {
                "id": number,
                **_names(content, video, label),
                "iscrowd": 0,
                "height": height,
                "width": width,
                "length": 1,
                "score": round(label.score, DECIMALS),
                **{name: round(score, DECIMALS) for name, score in label.scores.items()},
                "mask_id": label.object_id,
            }
            in_one_frame = {
                "segmentations": {"size": [height, width], "counts": counts},
                "bboxes": [x0, y0, x1 - x0, y1 - y0],
                "areas": int(mask_areas([counts], height, width)[0]),
            }
            # Nulls are written as text, which is many times faster.
            before, after = "null, " * place, ", null" * (len(video.paths) - 1 - place)
            lists = "".join(
                f', "{name}": [{before}{json.dumps(value)}{after}]' for name, value in in_one_frame.items()
            )
            yield json.dumps(head)[:-1] + lists + "}"


def _results(content: Content) -> Iterator[Iterator[str]]:
    """Each track as json text in pieces."""
    for video, tracks in content.videos_with_objects():
        for track in tracks:
            head = {**_names(content, video, track), "score": track.score}
            yield result_pieces(head, track.size_px, len(video.paths), sorted(track.masks.items()))
