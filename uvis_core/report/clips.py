"""Short videos with masks drawn on them, as data that a page can carry inside itself."""

import base64
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from pycocotools import mask as coco

from uvis_core.io.images import read_image
from uvis_core.io.video import write_video
from uvis_core.report.drawing import PALETTE, draw_masks, resize_image, resize_masks, tag_font
from uvis_core.report.layers import Layer, Tube

GAP_PX = 6
HEADING_PX = 24
FILM = (20, 22, 25)
CLIP_CRF = 24
# Slower clips tire the eye, faster ones cannot be followed; without a clock, frames are a second apart.
FPS_LIMITS = (5.0, 30.0)


@dataclass(frozen=True)
class Clip:
    """One clip in two arrangements of its pictures.

    Attributes:
        video_id: Its video.
        titles: Headings of its pictures, in order.
        frames: Number of frames shown.
        frames_in_all: Number of frames of the video.
        row: mp4 with the pictures side by side, as a data URI.
        row_size_px: Width and height of it.
        column: mp4 with the pictures one below the other, as a data URI; None for a single picture.
        column_size_px: Width and height of it.
    """

    video_id: str
    titles: tuple[str, ...]
    frames: int
    frames_in_all: int
    row: str
    row_size_px: tuple[int, int]
    column: str | None
    column_size_px: tuple[int, int]

    @property
    def bytes(self) -> int:
        """What the clip adds to the page."""
        return len(self.row) + len(self.column or "")


def choose_videos(video_ids: Sequence[str], count: int, seed: int) -> list[str]:
    """Draw ``count`` videos (or all, if there are fewer) by seed; in the order of their names."""
    ordered = sorted(video_ids)
    drawn = np.random.default_rng(seed).permutation(len(ordered))[:count]
    return [ordered[place] for place in sorted(drawn)]


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


def draw_tubes(image: np.ndarray, tubes: Sequence[Tube], frame_index: int) -> np.ndarray:
    """Draw on a frame, uint8 (H, W, 3), what its tubes hold at ``frame_index``."""
    height, width = image.shape[:2]
    present = [tube for tube in tubes if frame_index in tube.masks]
    masks = [coco.decode(tube.masks[frame_index]).astype(bool) for tube in present]
    smooth = [resize_masks(mask[None], height, width)[0] for mask in masks]
    colours = PALETTE[[tube.colour % len(PALETTE) for tube in present]].reshape(-1, 3)
    stack = np.stack(smooth) if smooth else np.zeros((0, height, width), dtype=bool)
    return draw_masks(image, stack, colours, [tube.text for tube in present])


def compose(pictures: Sequence[np.ndarray], titles: Sequence[str], in_row: bool) -> np.ndarray:
    """Put pictures of one size side by side or one below the other, each under its heading."""
    with_heading = []
    for picture, title in zip(pictures, titles, strict=True):
        heading = np.full((HEADING_PX, picture.shape[1], 3), FILM, dtype=np.uint8)
        with_heading.append(np.concatenate([_write(heading, title), picture]))
    if len(with_heading) == 1:
        return with_heading[0]
    axis = 1 if in_row else 0
    gap_shape = [*with_heading[0].shape]
    gap_shape[axis] = GAP_PX
    gap = np.full(gap_shape, FILM, dtype=np.uint8)
    parts = [part for picture in with_heading for part in (picture, gap)][:-1]
    return np.concatenate(parts, axis=axis)


def render_clip(
    video_id: str,
    paths: Sequence[str],
    frame_indices: Sequence[int],
    timestamps_s: Sequence[float],
    layers: Sequence[Layer],
    height_px: int,
    max_frames: int,
) -> Clip:
    """Draw and encode one clip.

    Args:
        video_id: Its video.
        paths: Image files of all T frames, in order.
        frame_indices: Index of each of them, as the tubes count.
        timestamps_s: Time of each of them, seconds.
        layers: Pictures of the clip.
        height_px: Wanted height of one picture, pixels.
        max_frames: The clip ends after so many frames.

    Raises:
        UserError: A frame is missing or damaged.
    """
    titles = tuple(layer.title for layer in layers)
    rows, columns = [], []
    size: tuple[int, int] | None = None
    for path, frame_index in list(zip(paths, frame_indices, strict=True))[:max_frames]:
        image = read_image(path)
        size = size or picture_size(image.shape[0], image.shape[1], height_px)
        image = resize_image(image, *size)
        pictures = [draw_tubes(image, layer.tubes, frame_index) for layer in layers]
        rows.append(compose(pictures, titles, in_row=True))
        columns.append(compose(pictures, titles, in_row=False))
    fps = clip_fps(timestamps_s)
    return Clip(
        video_id=video_id,
        titles=titles,
        frames=len(rows),
        frames_in_all=len(paths),
        row=data_uri(rows, fps),
        row_size_px=(rows[0].shape[1], rows[0].shape[0]),
        column=data_uri(columns, fps) if len(layers) > 1 else None,
        column_size_px=(columns[0].shape[1], columns[0].shape[0]),
    )


def data_uri(frames: Sequence[np.ndarray], fps: float) -> str:
    """Encode uint8 RGB frames of shape (H, W, 3) as H.264 in mp4 and give it as a data URI."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "clip.mp4")
        write_video(path, frames, fps, crf=CLIP_CRF)
        return "data:video/mp4;base64," + base64.b64encode(path.read_bytes()).decode("ascii")


def _write(heading: np.ndarray, title: str) -> np.ndarray:
    picture = Image.fromarray(heading)
    font = tag_font(13)
    ImageDraw.Draw(picture).text((4, 3), title, font=font, fill=(236, 238, 240))
    return np.asarray(picture)
