"""Short videos with masks drawn on them, as data that a page can carry inside itself."""

import base64
import io
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from pycocotools import mask as coco

from uvis_core.drawing.layout import FILM, heading, strip_px
from uvis_core.drawing.pictures import draw_mark, draw_numbered, resize_image
from uvis_core.io.images import read_image
from uvis_core.io.video import write_video
from uvis_core.report.drawing.layers import DrawnObject, Layer

GAP_PX = 6
# The page shows all pictures equally wide, so what is written on them goes with their width. The foot lies below the
# pictures, where browsers lay their controls over a video.
HEADING_SHARE, FOOT_SHARE = 0.075, 0.125
# Encoding is most of the report's time; "medium" takes two and a half times as long for files of the same size.
CLIP_CRF, CLIP_PRESET = 27, "veryfast"
STILL_QUALITY = 75
# Slower clips tire the eye, faster ones cannot be followed; without a clock, frames are a second apart.
FPS_LIMITS = (5.0, 30.0)


@dataclass(frozen=True)
class Rendition:
    """A video and its first frame as data URIs (mp4, JPEG), with its size in pixels."""

    video: str
    still: str
    width_px: int
    height_px: int


@dataclass(frozen=True)
class RenderedClip:
    """One clip, arranged for wide and for narrow screens.

    Attributes:
        video_id: Its video.
        titles: Headings of its pictures, in order.
        frames: Number of frames shown.
        frames_in_all: Number of frames of the video.
        row: The pictures side by side.
        column: The pictures one below the other; None for a single picture.
    """

    video_id: str
    titles: tuple[str, ...]
    frames: int
    frames_in_all: int
    row: Rendition
    column: Rendition | None

    @property
    def bytes(self) -> int:
        """What the clip adds to the page."""
        renditions = [rendition for rendition in (self.row, self.column) if rendition is not None]
        return sum(len(rendition.video) + len(rendition.still) for rendition in renditions)


def picture_size(height: int, width: int, target_px: int) -> tuple[int, int]:
    """Height and width of a drawn frame, even: a whole multiple of a small one, a reduction of a large one.

    Args:
        height: Of the frame, pixels.
        width: Of the frame, pixels.
        target_px: Wanted height.
    """
    scale = max(1, round(target_px / height)) if height < target_px else target_px / height
    return 2 * round(height * scale / 2), 2 * round(width * scale / 2)


def clip_fps(timestamps_s: Sequence[float]) -> float:
    """Real-time speed of frames at these times, within ``FPS_LIMITS``; 6 where the times tell nothing."""
    steps = np.diff(np.asarray(timestamps_s, dtype=float))
    step = float(np.median(steps)) if len(steps) else 0.0
    return float(np.clip(1 / step, *FPS_LIMITS)) if step > 0 else 6.0


def draw_objects(image: np.ndarray, objects: Sequence[DrawnObject], frame_index: int) -> np.ndarray:
    """Draw on a frame, uint8 (H, W, 3), the objects that ``frame_index`` shows."""
    found = [(shown, mask) for shown in objects if (mask := shown.tube.mask(frame_index)) is not None]
    masks = [coco.decode(mask).astype(bool) for _, mask in found]
    return draw_numbered(
        image, masks, [shown.colour for shown, _ in found], [shown.text for shown, _ in found]
    )


def draw_layer(image: np.ndarray, layer: Layer, frame_index: int) -> np.ndarray:
    """Draw the objects of a layer on a frame, uint8 (H, W, 3), and its marks above them."""
    drawn = draw_objects(image, layer.objects, frame_index)
    for mark in layer.marks:
        mask = mark.tube.mask(frame_index)
        if mask is not None:
            scale = np.array([image.shape[1] / mark.tube.width_px, image.shape[0] / mark.tube.height_px] * 2)
            x, y, width, height = coco.toBbox(mask) * scale
            drawn = draw_mark(drawn, (x, y, x + width, y + height), mark.text)
    return drawn


def compose(pictures: Sequence[np.ndarray], titles: Sequence[str], in_row: bool) -> np.ndarray:
    """Put pictures of one size in a row or a column, each under its heading, above a strip for controls."""
    with_heading = []
    for picture, title in zip(pictures, titles, strict=True):
        width = picture.shape[1]
        strip = heading(title, width, strip_px(width, HEADING_SHARE))
        with_heading.append(np.concatenate([strip, picture]))
    axis = 1 if in_row else 0
    gap = np.full_like(with_heading[0].take(range(GAP_PX), axis=axis), FILM)
    parts = [part for picture in with_heading for part in (gap, picture)][1:]
    whole = np.concatenate(parts, axis=axis)
    foot_px = strip_px(pictures[0].shape[1], FOOT_SHARE)
    return np.concatenate([whole, np.full((foot_px, whole.shape[1], 3), FILM, dtype=np.uint8)])


def render_clip(
    video_id: str,
    paths: Sequence[str],
    frame_indices: Sequence[int],
    fps: float,
    layers: Sequence[Layer],
    height_px: int,
    max_frames: int,
) -> RenderedClip:
    """Draw and encode one clip.

    Args:
        video_id: Its video.
        paths: Image files of all T frames, in order.
        frame_indices: Index of each of them, as the layers count.
        fps: Frames per second to show.
        layers: Pictures of the clip.
        height_px: Wanted height of one picture, pixels.
        max_frames: The clip ends after so many frames.

    Raises:
        UserError: A frame is missing or damaged.
    """
    titles = tuple(layer.title for layer in layers)
    frames: list[list[np.ndarray]] = []
    size: tuple[int, int] | None = None
    for path, frame_index in list(zip(paths, frame_indices, strict=True))[:max_frames]:
        image = read_image(path)
        size = size or picture_size(image.shape[0], image.shape[1], height_px)
        image = resize_image(image, *size)
        frames.append([draw_layer(image, layer, frame_index) for layer in layers])
    # The encoder lets go of Python's lock, so that both forms are made side by side.
    with ThreadPoolExecutor(2) as pool:
        row = pool.submit(encode, frames, titles, fps, in_row=True)
        column = pool.submit(encode, frames, titles, fps, in_row=False) if len(layers) > 1 else None
    return RenderedClip(
        video_id=video_id,
        titles=titles,
        frames=len(frames),
        frames_in_all=len(paths),
        row=row.result(),
        column=column.result() if column else None,
    )


def encode(
    frames: Sequence[Sequence[np.ndarray]], titles: Sequence[str], fps: float, in_row: bool
) -> Rendition:
    """Compose the pictures of each frame and encode them as H.264 in mp4, the first frame as JPEG too."""
    first = compose(frames[0], titles, in_row)
    still = io.BytesIO()
    Image.fromarray(first).save(still, "JPEG", quality=STILL_QUALITY)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "clip.mp4")
        pages = (compose(pictures, titles, in_row) for pictures in frames)
        write_video(path, pages, fps, crf=CLIP_CRF, preset=CLIP_PRESET)
        video = path.read_bytes()
    height, width = first.shape[:2]
    return Rendition(data_uri("video/mp4", video), data_uri("image/jpeg", still.getvalue()), width, height)


def data_uri(kind: str, content: bytes) -> str:
    """Content of a media type as the text that a page can carry in place of an address."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
