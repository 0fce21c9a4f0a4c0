"""Indexed PNG images, a folder per video, as DAVIS 2017 keeps its annotations.

A pixel holds the number of its object, 0 is background, 255 would be void (https://davischallenge.org); the palette is
that of PASCAL VOC and DAVIS, in which the bits of a number go to red, green and blue in turn.
"""

import csv
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from uvis_core.exports.content import Content, masks_by_place
from uvis_core.exports.images import frame_name
from uvis_core.exports.painting import number_objects, paint

MOST = 254
DECIMALS = 6


def write(folder: Path, content: Content) -> None:
    """Write ``Annotations/<video>/<frame>.png`` for every frame, and ``objects.csv``, which says what the numbers are.

    Numbers count the tracks of a video from 1; of more than ``MOST`` those of the highest scores are there.

    Args:
        folder: Empty.
        content: Tracks of a split.
    """
    colours = palette()
    with (folder / "objects.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(["video", "number", "track", "class", "score"])
        for video, objects in content.videos_and_objects():
            numbers = number_objects(video, objects, MOST)
            for entry in objects:
                if entry.object_id in numbers:
                    known = [content.class_names[entry.class_id], round(entry.score, DECIMALS)]
                    rows.writerow([video.name, numbers[entry.object_id], entry.object_id, *known])
            place_of_video = folder / "Annotations" / video.name
            place_of_video.mkdir(parents=True)
            for place, seen in enumerate(masks_by_place(video, objects)):
                image = Image.fromarray(paint(video, seen, numbers).astype(np.uint8))
                image.putpalette(colours)
                write_png(place_of_video / f"{frame_name(video, place)}.png", image)


def palette() -> bytes:
    """256 colours, three bytes each: bit 3k of a number is red's bit 7 - k, the next two are green's and blue's."""
    numbers = np.arange(256)
    colours = np.zeros((256, 3), dtype=np.uint8)
    for bit in range(8):
        colours[:, bit % 3] |= (((numbers >> bit) & 1) << (7 - bit // 3)).astype(np.uint8)
    return colours.tobytes()


def write_png(path: Path, image: Image.Image) -> None:
    """Write an image as PNG; encoded in memory, because Pillow takes no notice of a disk that fills up."""
    encoded = BytesIO()
    image.save(encoded, format="png", compress_level=3)
    path.write_bytes(encoded.getbuffer())
