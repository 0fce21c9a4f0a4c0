"""Polygons for YOLO's segmentation: a txt per image, a line per object, and data.yaml.

The format (https://docs.ultralytics.com/datasets/segment): ``class x1 y1 x2 y2 …``, as shares of width and height. An
object is one line with one polygon, so holes and parts hang together by lines that go there and back (``io/polygons``).
"""

from collections.abc import Sequence
from pathlib import Path

import yaml

from uvis_core.exports.content import Content, ExportedVideo, SeenObject, masks_by_place
from uvis_core.exports.images import frame_name, put_images
from uvis_core.io.polygons import outline
from uvis_core.io.rle import decode_masks

LEAST_POINTS = 3
# Readers round to whole pixels or cut off; a quarter of a pixel in, both find the pixel.
INSIDE_PX = 0.25


def write(folder: Path, content: Content) -> None:
    """Write ``labels/<video>/<frame>.txt``, the frames in ``images/<video>`` (links or copies), and ``data.yaml``.

    Classes count from 0 in the order of the vocabulary. Frames without objects have an empty txt: nothing is there.

    Args:
        folder: Empty.
        content: Labels or tracks of a split.
    """
    ranks = {class_id: rank for rank, class_id in enumerate(content.class_names)}
    names = dict(enumerate(content.class_names.values()))
    about = {"train": "images", "val": "images", "names": names}
    (folder / "data.yaml").write_text(
        yaml.safe_dump(about, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
    for video, objects in content.videos_and_objects():
        put_images(folder / "images", video, copies=content.options.copy_images)
        place_of_video = folder / "labels" / video.name
        place_of_video.mkdir(parents=True)
        for place, seen in enumerate(masks_by_place(video, objects)):
            lines = _lines(video, seen, ranks)
            (place_of_video / f"{frame_name(video, place)}.txt").write_text(lines, encoding="utf-8")


def _lines(video: ExportedVideo, seen: Sequence[SeenObject], ranks: dict[int, int]) -> str:
    height, width = video.size_px
    lines = []
    for entry, counts in seen:
        points = outline(decode_masks([counts], height, width)[0]).tolist()
        points += points[-1:] * (LEAST_POINTS - len(points))
        shares = (f"{(x + INSIDE_PX) / width:.6f} {(y + INSIDE_PX) / height:.6f}" for x, y in points)
        lines.append(f"{ranks[entry.class_id]} {' '.join(shares)}\n")
    return "".join(lines)
