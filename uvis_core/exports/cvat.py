"""CVAT 1.1: an xml per video, which CVAT imports into a task of that video's frames.

The format is https://docs.cvat.ai/docs/other/xml_format. CVAT follows polygons and boxes through a video, masks it
keeps for single frames alone: of a mask track its import takes the first frame. So tracks become polygon tracks, and
labels, which are seen in one frame each, stay the masks that they are, image by image.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from uvis_core.exports.content import Content, ExportedObject, ExportedVideo, masks_by_place
from uvis_core.io.polygons import edge_outline
from uvis_core.io.rle import decode_masks, mask_boxes

DECIMALS = 6
TOLERANCE_PX = 0.75
"""How far a polygon may leave the edge of its mask: enough to cut the stairs of a slanting edge, so that a hand can
move the points that are left."""

ATTRIBUTES = {"labels": ("mask_id", "score"), "tracks": ("track", "score")}


def write(folder: Path, content: Content) -> None:
    """Write ``<video>.xml`` for every video, and ``labels.json``, from which CVAT makes the labels of a task.

    Attributes carry what CVAT has no place for: the mask id of a label, the number of a track in its video, scores.

    Args:
        folder: Empty.
        content: Labels or tracks of a split.
    """
    (folder / "labels.json").write_text(json.dumps(_labels(content), indent=1) + "\n", encoding="utf-8")
    for video, objects in content.videos_and_objects():
        shapes = _images if content.of == "labels" else _tracks
        with (folder / f"{video.name}.xml").open("w", encoding="utf-8") as stream:
            stream.write('<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n')
            stream.writelines(_meta(video, content))
            stream.writelines(shapes(video, objects, content))
            stream.write("</annotations>\n")


def _labels(content: Content) -> list[dict[str, object]]:
    """What CVAT's label constructor takes as raw text."""
    kind = "mask" if content.of == "labels" else "polygon"
    attribute = {"mutable": False, "input_type": "text", "default_value": "", "values": [""]}
    attributes = [{"name": name, **attribute} for name in ATTRIBUTES[content.of]]
    return [{"name": name, "type": kind, "attributes": attributes} for name in content.class_names.values()]


def _meta(video: ExportedVideo, content: Content) -> Iterator[str]:
    height, width = video.size_px
    last = len(video.paths) - 1
    mode, kind = ("annotation", "mask") if content.of == "labels" else ("interpolation", "polygon")
    yield f"  <meta>\n    <task>\n      <name>{escape(video.name)}</name>\n      <size>{last + 1}</size>\n"
    yield f"      <mode>{mode}</mode>\n      <start_frame>0</start_frame>\n      <stop_frame>{last}</stop_frame>\n"
    yield "      <labels>\n"
    for name in content.class_names.values():
        yield f"        <label><name>{escape(name)}</name><type>{kind}</type><attributes>"
        for attribute in ATTRIBUTES[content.of]:
            yield (
                f"<attribute><name>{attribute}</name><mutable>False</mutable><input_type>text</input_type>"
                "<default_value></default_value><values></values></attribute>"
            )
        yield "</attributes></label>\n"
    yield "      </labels>\n"
    yield f"      <original_size><width>{width}</width><height>{height}</height></original_size>\n"
    yield "    </task>\n  </meta>\n"


def _images(video: ExportedVideo, objects: list[ExportedObject], content: Content) -> Iterator[str]:
    """Every frame with the masks of its labels."""
    height, width = video.size_px
    for place, seen in enumerate(masks_by_place(video, objects)):
        name = quoteattr(Path(video.paths[place]).name)
        yield f'  <image id="{place}" name={name} width="{width}" height="{height}">\n'
        for entry, counts in seen:
            label = quoteattr(content.class_names[entry.class_id])
            yield f'    <mask label={label} source="auto" occluded="0" {_runs(counts, height, width)} z_order="0">'
            yield f"{_attributes(entry, content)}</mask>\n"
        yield "  </image>\n"


def _tracks(video: ExportedVideo, objects: list[ExportedObject], content: Content) -> Iterator[str]:
    """Every track as polygons in the frames that show it, each a keyframe, and one that is outside where it goes."""
    height, width = video.size_px
    for number, entry in enumerate(objects):
        label = quoteattr(content.class_names[entry.class_id])
        yield f'  <track id="{number}" label={label} source="auto">\n'
        for place in sorted(entry.masks):
            mask = decode_masks([entry.masks[place]], height, width)[0]
            points = ";".join(f"{x:g},{y:g}" for x, y in edge_outline(mask, TOLERANCE_PX).tolist())
            goes = place + 1 not in entry.masks and place + 1 < len(video.paths)
            for frame, outside in ((place, 0), (place + 1, 1)) if goes else ((place, 0),):
                yield (
                    f'    <polygon frame="{frame}" keyframe="1" outside="{outside}" occluded="0" points="{points}" '
                    f'z_order="0">{_attributes(entry, content)}</polygon>\n'
                )
        yield "  </track>\n"


def _runs(counts: str, height: int, width: int) -> str:
    """A mask as CVAT writes it: runs of rows within its box, background first."""
    x0, y0, x1, y1 = mask_boxes([counts], height, width)[0].astype(int).tolist()
    pixels = decode_masks([counts], height, width)[0, y0:y1, x0:x1].ravel()
    ends = np.flatnonzero(np.diff(pixels)) + 1
    runs = np.diff(np.concatenate([[0], ends, [pixels.size]])).tolist()
    text = ", ".join(map(str, [0, *runs] if pixels[0] else runs))
    return f'rle="{text}" left="{x0}" top="{y0}" width="{x1 - x0}" height="{y1 - y0}"'


def _attributes(entry: ExportedObject, content: Content) -> str:
    known, score = ATTRIBUTES[content.of]
    values = {known: entry.object_id, score: round(entry.score, DECIMALS)}
    return "".join(f'<attribute name="{name}">{value}</attribute>' for name, value in values.items())
