"""A csv with a row per object and frame, for whoever has a spreadsheet, pandas, R or duckdb."""

import csv
from pathlib import Path

from uvis_core.exports.content import Content
from uvis_core.io.rle import mask_areas, mask_boxes

DECIMALS = 6
PLACE = ("video", "frame", "time_s")
KNOWN_BY = {"labels": "mask_id", "tracks": "track"}
SHAPE = ("x_px", "y_px", "width_px", "height_px", "area_px")


def write(folder: Path, content: Content) -> None:
    """Write ``objects.csv``: video, frame index, time, mask id or track, class, score, box and area.

    Rows stand video by video, object by object, frame by frame; boxes are tight, x and y of their upper left corner.

    Args:
        folder: Empty.
        content: Labels or tracks of a split.
    """
    with (folder / "objects.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow([*PLACE, KNOWN_BY[content.of], "class", "score", *SHAPE])
        for video, objects in content.videos_with_objects():
            for entry in objects:
                masks = list(entry.masks.values())
                areas = mask_areas(masks, *entry.size_px).tolist()
                boxes = mask_boxes(masks, *entry.size_px).astype(int).tolist()
                known = [entry.object_id, content.class_names[entry.class_id], round(entry.score, DECIMALS)]
                for place, (x0, y0, x1, y1), area in zip(entry.masks, boxes, areas, strict=True):
                    at = [video.name, video.frame_indices[place], round(video.timestamps_s[place], DECIMALS)]
                    rows.writerow([*at, *known, x0, y0, x1 - x0, y1 - y0, area])
