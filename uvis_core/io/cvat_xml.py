"""Masks and polygons in CVAT's xml, version 1.1, of videos and of images (https://docs.cvat.ai/docs/other/xml_format).

A file comes from outside: one that declares a document type is refused, because that is where entities are declared
that grow without end or read other files.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from uvis_core.io.errors import UserError
from uvis_core.io.images import MAX_PIXELS
from uvis_core.io.rle import compressed, encode_masks

CHUNK_BYTES = 1 << 20
SHAPES = ("mask", "polygon")
FIX = "export it from CVAT again, as CVAT for video 1.1 or CVAT for images 1.1"


@dataclass(frozen=True)
class CvatTask:
    """What a file says of its video.

    Attributes:
        name: Of the task.
        frames: How many there are.
        size_px: Height and width.
        labels: Names of the classes, in order.
    """

    name: str
    frames: int
    size_px: tuple[int, int]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class CvatShape:
    """One object in one frame.

    Attributes:
        track: Number of its track in the file; None for a shape of a single image.
        label: Name of its class.
        frame: Place in the video, from 0.
        counts: Compressed run lengths.
        attributes: Text by name.
    """

    track: int | None
    label: str
    frame: int
    counts: bytes
    attributes: Mapping[str, str]


def read_task(path: Path | str) -> CvatTask:
    """Read the head of a file.

    Raises:
        UserError: It is no such file, or does not say how large and long the video is.
    """
    parts = _parts(path)
    meta = next((part for part in parts if part.tag == "meta"), None)
    if meta is None:
        raise UserError(f"{path}: has no meta", fix=FIX)
    size = meta.find(".//original_size")
    first = next((part for part in parts if part.tag in ("image", "track")), None)
    if size is not None:
        height, width = (size.findtext(name) for name in ("height", "width"))
    else:
        height, width = (first.get(name) if first is not None else None for name in ("height", "width"))
    numbers = [_number(path, "size in its meta", text) for text in (meta.findtext(".//size"), height, width)]
    if min(numbers) < 1 or numbers[1] * numbers[2] > MAX_PIXELS:
        raise UserError(
            f"{path}: its meta names {numbers[0]} frames of {numbers[1]} x {numbers[2]} pixels", fix=FIX
        )
    labels = tuple(label.findtext("name") or "" for label in meta.iter("label"))
    return CvatTask(meta.findtext(".//name") or "", numbers[0], (numbers[1], numbers[2]), labels)


def read_shapes(path: Path | str, task: CvatTask, skipped: Counter[str] | None = None) -> Iterator[CvatShape]:
    """Masks and polygons of a file, one track or image after the other, without those that are outside.

    Frames between keyframes are taken as the file lists them: CVAT lists all.

    Args:
        path: The xml.
        task: From ``read_task``.
        skipped: Counts the shapes of other kinds by their kind.

    Raises:
        UserError: A shape is incomplete, or lies in no frame of the video or outside of it.
    """
    skipped = Counter() if skipped is None else skipped
    for part in _parts(path):
        if part.tag in ("track", "image"):
            for shape in part:
                place = f"{path}: {part.tag} {part.get('id')}"
                if shape.tag not in SHAPES:
                    skipped[shape.tag] += 1
                elif shape.get("outside") != "1":
                    yield _shape(place, part, shape, task)


def _shape(place: str, part: ElementTree.Element, shape: ElementTree.Element, task: CvatTask) -> CvatShape:
    in_track = part.tag == "track"
    frame = _number(place, "frame", shape.get("frame") if in_track else part.get("id"))
    label = (part if in_track else shape).get("label")
    if not 0 <= frame < task.frames or label is None:
        raise UserError(
            f"{place}: a {shape.tag} of label {label!r} in frame {frame}, of {task.frames}", fix=FIX
        )
    try:
        counts = (_mask if shape.tag == "mask" else _polygon)(shape, *task.size_px)
    except (ValueError, OverflowError) as error:
        raise UserError(f"{place}: {shape.tag} in frame {frame}: {error}", fix=FIX) from error
    attributes = {str(one.get("name")): (one.text or "").strip() for one in shape.iter("attribute")}
    track = _number(place, "id", part.get("id")) if in_track else None
    return CvatShape(track, label, frame, counts, attributes)


def _mask(shape: ElementTree.Element, height: int, width: int) -> bytes:
    """Runs of rows within a box, background first."""
    left, top, across, down = (int(shape.get(name, "")) for name in ("left", "top", "width", "height"))
    inside = left >= 0 and top >= 0 and left + across <= width and top + down <= height
    if not inside or min(across, down) < 1:
        raise ValueError(
            f"its box of {across} x {down} at {left}, {top} leaves the frame of {width} x {height}"
        )
    runs = np.array([int(text) for text in shape.get("rle", "").split(",")], dtype=np.int64)
    if runs.min() < 0 or runs.sum() != across * down:
        raise ValueError(f"its runs cover {runs.sum()} pixels, its box has {across * down}")
    pixels = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    mask = np.zeros((1, height, width), dtype=bool)
    mask[0, top : top + down, left : left + across] = pixels.reshape(down, across)
    return encode_masks(mask)[0].encode()


def _polygon(shape: ElementTree.Element, height: int, width: int) -> bytes:
    points = np.array(
        [[float(number) for number in pair.split(",")] for pair in shape.get("points", "").split(";")]
    )
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise ValueError("its points are no pairs of numbers")
    inside = np.clip(points, 0, (width, height))
    return compressed([inside.reshape(-1).tolist()], height, width)


def _number(place: str | Path, name: str, text: str | None) -> int:
    try:
        return int(text or "")
    except ValueError as error:
        raise UserError(f"{place}: {name} is {text!r}, not a whole number", fix=FIX) from error


class _Parts:
    """What the parser calls: builds the elements below the root, one at a time."""

    def __init__(self, path: Path | str) -> None:
        self.path = path
        self.found: list[ElementTree.Element] = []
        self._depth = 0
        self._builder = ElementTree.TreeBuilder()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if self._depth == 0 and tag != "annotations":
            raise UserError(f"{self.path}: begins with {tag}, not with annotations", fix=FIX)
        if self._depth == 1:
            self._builder = ElementTree.TreeBuilder()
        if self._depth >= 1:
            self._builder.start(tag, attributes)
        self._depth += 1

    def end(self, tag: str) -> None:
        """An element ends."""
        self._depth -= 1
        if self._depth >= 1:
            self._builder.end(tag)
        if self._depth == 1:
            self.found.append(self._builder.close())

    def data(self, text: str) -> None:
        """Text inside an element."""
        if self._depth > 1:
            self._builder.data(text)

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        """A document type is declared."""
        raise UserError(
            f"{self.path}: declares the document type {name!r}, which CVAT's files do not",
            fix="take the line <!DOCTYPE …> out, if the file is one that you trust",
        )


def _parts(path: Path | str) -> Iterator[ElementTree.Element]:
    """The elements below the root, each dropped when the next is asked for."""
    target = _Parts(path)
    parser = ElementTree.XMLParser(target=target)
    try:
        with Path(path).open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                parser.feed(chunk)
                while target.found:
                    yield target.found.pop(0)
        parser.close()
    except ElementTree.ParseError as error:
        raise UserError(f"{path}: not valid xml ({error})", fix=FIX) from error
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file", fix="check the path") from error
