"""Masks, labels, tracks and truth of one frame, each as shapes to be drawn over it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from uvis_core.drawing.pictures import PALETTE, draw_masks, resize_image, resize_masks
from uvis_core.explorer.videos import Videos
from uvis_core.io.corrections import Correction
from uvis_core.io.rle import decode_masks
from uvis_core.report.drawing.clips import picture_size

MASKS, TRUTH, TUNED = "masks", "truth", "tuned"
LABELS, TRACKS = "labels:", "tracks:"
"""What the keys of layers begin with; the variant or the experiment follows."""
WHITE = np.array((255, 255, 255), dtype=np.uint8)
GREY = np.array((190, 190, 190), dtype=np.uint8)
HEIGHT_PX = 480


@dataclass(frozen=True)
class Shapes:
    """What one layer draws on a frame of H x W pixels.

    Attributes:
        masks: bool (K, H, W).
        colours: uint8 (K, 3).
        texts: K tags.
        fill: Opacity of the fill, 0 for outlines alone.
    """

    masks: np.ndarray
    colours: np.ndarray
    texts: Sequence[str]
    fill: float


Tuned = Callable[[str], Mapping[int, int]]
"""Name of a video -> class place by mask id, of the labels that are kept at the thresholds of a page."""


def layer_names(videos: Videos, tuned: bool) -> dict[str, str]:
    """The layers that a split has, by key, as the page names them."""
    split = videos.split
    found = {TUNED: "labels as tuned and corrected"} if tuned else {}
    found |= {
        f"{LABELS}{variant}": f"labels {variant}" for variant in split.labels if "masks" in split.tables
    }
    found |= {f"{TRACKS}{experiment}": f"tracks {experiment}" for experiment in split.tracks}
    if split.truth is not None:
        found[TRUTH] = "truth"
    if "masks" in split.tables:
        found[MASKS] = "all masks"
    return found


class Painter:
    """Draws frames of a split with layers on them.

    Args:
        videos: Of the split.
        class_names: Names by class id, in the order that gives the colours.
    """

    def __init__(self, videos: Videos, class_names: Mapping[int, str]) -> None:
        self.videos = videos
        self._names = class_names
        self._places = {class_id: place for place, class_id in enumerate(class_names)}

    def frame(
        self,
        name: str,
        place: int,
        layers: Sequence[str],
        tuned: Tuned | None = None,
        corrections: Mapping[int, Correction] | None = None,
    ) -> np.ndarray:
        """One frame with its layers, the first one lowest, uint8 RGB, about ``HEIGHT_PX`` high.

        Args:
            name: Of the video.
            place: Of the frame in the video.
            layers: Keys of layers.
            tuned: For layer ``TUNED``.
            corrections: By mask id; drawn in that layer.

        Raises:
            UserError: The video has no such frame or layer, or a file cannot be read.
        """
        image = self.videos.image(name, place)
        index = int(self.videos.frames(name).indices[place])
        height, width = picture_size(image.shape[0], image.shape[1], HEIGHT_PX)
        drawn = resize_image(image, height, width)
        all_shapes = []
        for key in layers:
            shapes = self._shapes(name, index, key, tuned, corrections or {})
            if len(shapes.masks):
                shapes = replace(shapes, masks=resize_masks(shapes.masks, height, width))
                drawn = draw_masks(drawn, shapes.masks, shapes.colours, [""] * len(shapes.texts), shapes.fill)
                all_shapes.append(shapes)
        if all_shapes:
            # Tags of all layers at once, so that none lies on another.
            masks = np.concatenate([shapes.masks for shapes in all_shapes])
            colours = np.concatenate([shapes.colours for shapes in all_shapes])
            texts = [text for shapes in all_shapes for text in shapes.texts]
            tagged = np.array([bool(text) for text in texts])
            drawn = draw_masks(
                drawn, masks[tagged], colours[tagged], [text for text in texts if text], fill=0.0
            )
        return drawn

    def size(self, name: str) -> tuple[int, int]:
        """Height and width in pixels of a video's drawn frames."""
        image = self.videos.image(name, 0)
        return picture_size(image.shape[0], image.shape[1], HEIGHT_PX)

    def mask_at(
        self, name: str, place: int, x: float, y: float, kept: Mapping[int, int] | None
    ) -> int | None:
        """The smallest mask at a point.

        Args:
            name: Of the video.
            place: Of the frame in the video.
            x: 0 to 1 from left to right.
            y: 0 to 1 from top to bottom.
            kept: Mask ids that come first; others count where none of these is there. None: all are equal.

        Returns:
            Its mask id, None where there is none.
        """
        rows = _of_frame(self.videos.masks(name), int(self.videos.frames(name).indices[place]))
        masks = _decoded(rows)
        if not len(masks):
            return None
        height, width = masks.shape[1:]
        row, column = min(max(int(y * height), 0), height - 1), min(max(int(x * width), 0), width - 1)
        ids, areas = rows["mask_id"].to_pylist(), masks.sum(axis=(1, 2))
        hit = np.flatnonzero(masks[:, row, column]).tolist()
        shown = [one for one in hit if kept is None or ids[one] in kept] or hit
        return ids[min(shown, key=lambda one: areas[one])] if shown else None

    def _shapes(
        self, name: str, index: int, key: str, tuned: Tuned | None, corrections: Mapping[int, Correction]
    ) -> Shapes:
        if key == TRUTH:
            return self._truth(name, index)
        if key.startswith(TRACKS):
            return self._tracks(_of_frame(self.videos.tracks(name, key.removeprefix(TRACKS)), index))
        rows = _of_frame(self.videos.masks(name), index)
        if key == MASKS:
            return Shapes(_decoded(rows), np.tile(GREY, (len(rows), 1)), [""] * len(rows), 0.12)
        ids = rows["mask_id"].to_pylist()
        if key == TUNED and tuned is not None:
            kept, names = tuned(name), list(self._names.values())
            texts = {
                one: f"{names[place]}{' ✎' if one in corrections else ''}" for one, place in kept.items()
            }
        else:
            labels = _of_frame(self.videos.labels(name, key.removeprefix(LABELS)), index).to_pylist()
            labels = [row for row in labels if row["kept"]]
            kept = {row["mask_id"]: self._places.get(row["class_id"], 0) for row in labels}
            texts = {
                row[
                    "mask_id"
                ]: f"{self._names.get(row['class_id'], row['class_id'])} {row['class_score']:.2f}"
                for row in labels
            }
        places = [number for number, one in enumerate(ids) if one in kept]
        shown = [ids[number] for number in places]
        return Shapes(
            _decoded(rows.take(pa.array(places, pa.int64()))),
            PALETTE[[kept[one] % len(PALETTE) for one in shown]].reshape(-1, 3),
            [texts[one] for one in shown],
            0.38,
        )

    def _tracks(self, rows: pa.Table) -> Shapes:
        tracks = rows["track_id"].to_pylist()
        texts = [
            f"{row['track_id']} {self._names.get(row['class_id'], row['class_id'])} {row['score']:.2f}"
            for row in rows.select(["track_id", "class_id", "score"]).to_pylist()
        ]
        colours = PALETTE[[track % len(PALETTE) for track in tracks]].reshape(-1, 3)
        return Shapes(_decoded(rows), colours, texts, 0.38)

    def _truth(self, name: str, index: int) -> Shapes:
        truth = self.videos.truth(name)
        shown = [
            (true, tube)
            for true, tube in zip(truth.objects, truth.tubes, strict=True)
            if tube.areas_px.get(index)
        ]
        masks = [decode_masks([tube.counts[index]], tube.height_px, tube.width_px)[0] for _, tube in shown]
        texts = [f"truth: {self._names.get(true.class_id, true.class_id)}" for true, _ in shown]
        stack = np.stack(masks) if masks else np.zeros((0, 1, 1), dtype=bool)
        return Shapes(stack, np.tile(WHITE, (len(shown), 1)), texts, 0.0)


def _of_frame(table: pa.Table, index: int) -> pa.Table:
    return table.filter(pa.compute.equal(table["frame_index"], index))


def _decoded(rows: pa.Table) -> np.ndarray:
    """Masks of rows of one frame, bool (K, H, W)."""
    if not len(rows):
        return np.zeros((0, 1, 1), dtype=bool)
    return decode_masks(
        rows["rle_counts"].to_pylist(), rows["height_px"][0].as_py(), rows["width_px"][0].as_py()
    )
