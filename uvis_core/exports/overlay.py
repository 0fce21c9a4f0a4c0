"""Videos with their objects drawn on them, as mp4 that browsers play, and a contact sheet of each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from uvis_core.drawing.layout import FILM, heading, strip_px
from uvis_core.drawing.pictures import draw_numbered, resize_image
from uvis_core.exports.content import Content, masks_by_place
from uvis_core.io.images import read_image, write_image
from uvis_core.io.rle import decode_masks
from uvis_core.io.video import write_video

# Frames with a shorter side are enlarged by the least whole factor, so that tags can be read.
READABLE_PX = 240
CRF = 23
# Folders of images have no clock and count a second per frame, which nobody wants to watch.
FPS_LIMITS = (5.0, 120.0)
# Where exports.min_score says nothing: all ten tracks of a video would hide it.
LEAST_SCORE = 0.3
SHEET_FRAMES, SHEET_COLUMNS, SHEET_PICTURE_PX, SHEET_GAP_PX = 12, 4, 320, 4
TITLE_SHARE = 0.075


@dataclass(frozen=True)
class DrawnObject:
    """How one object is drawn throughout a video.

    Attributes:
        colour: Number of its colour; the palette goes round.
        text: Its tag.
    """

    colour: int
    text: str


def write(folder: Path, content: Content) -> None:
    """Write ``<video>.mp4`` and the contact sheet ``<video>.jpg`` of every video.

    Drawn are tracks with a score of at least ``LEAST_SCORE`` where the options name no other.

    Args:
        folder: Empty.
        content: Tracks of a split.
    """
    least = LEAST_SCORE if content.options.min_score is None else content.options.min_score
    for video, objects in content.videos_and_objects():
        looks = {
            entry.object_id: drawn_track(entry.object_id, content.class_names[entry.class_id], entry.score)
            for entry in objects
            if entry.score >= least
        }
        masks = (
            {entry.object_id: counts for entry, counts in seen if entry.object_id in looks}
            for seen in masks_by_place(video, objects)
        )
        times = video.timestamps_s
        write_overlay(
            folder / f"{video.name}.mp4",
            zip(map(read_image, video.paths), masks, strict=True),
            looks,
            size_px=video.size_px,
            count=len(times),
            fps=playing_rate(len(times), times[0], times[-1]),
        )


def drawn_track(track_id: int, class_name: str, score: float) -> DrawnObject:
    """A track's looks: its colour follows from its number alone, so that it has the same one in every run."""
    return DrawnObject(track_id, f"#{track_id} {class_name} {score:.2f}")


def playing_rate(frames: int, first_s: float, last_s: float) -> float:
    """Frames per second at which a video lasts as long as its timestamps say, within ``FPS_LIMITS``.

    Args:
        frames: How many there are.
        first_s: Timestamp of the first one, seconds.
        last_s: Timestamp of the last one.
    """
    return (
        float(np.clip((frames - 1) / (last_s - first_s), *FPS_LIMITS)) if last_s > first_s else FPS_LIMITS[0]
    )


def drawn_size(height: int, width: int) -> tuple[int, int]:
    """Height and width of a drawn frame: its own, or a whole multiple of a small one's."""
    factor = max(1, -(-READABLE_PX // min(height, width)))
    return height * factor, width * factor


def draw_frame(
    image: np.ndarray, masks: Mapping[int, str], looks: Mapping[int, DrawnObject], size_px: tuple[int, int]
) -> np.ndarray:
    """One frame with its objects; of equal masks, as those of one query with two classes, the first one lies on top.

    Args:
        image: uint8 RGB of shape (H, W, 3).
        masks: Object → its compressed run lengths, of those that this frame shows; the best first.
        looks: Object → how it is drawn.
        size_px: Height and width of the masks.

    Returns:
        uint8 RGB of the size that ``drawn_size`` gives.
    """
    canvas = resize_image(image, *drawn_size(*image.shape[:2]))
    # What is drawn last lies on top.
    backwards = dict(reversed(list(masks.items())))
    shown = [looks[number] for number in backwards]
    return draw_numbered(
        canvas,
        list(decode_masks(list(backwards.values()), *size_px)),
        [look.colour for look in shown],
        [look.text for look in shown],
    )


def write_overlay(
    path: Path | str,
    frames: Iterable[tuple[np.ndarray, Mapping[int, str]]],
    looks: Mapping[int, DrawnObject],
    *,
    size_px: tuple[int, int],
    count: int,
    fps: float,
) -> None:
    """Draw and encode one video, frame by frame, with a contact sheet beside it; each file is whole or absent.

    Args:
        path: The mp4; the contact sheet is a JPEG of the same name.
        frames: Every frame, uint8 RGB of shape (H, W, 3), with the run lengths of the objects that it shows.
        looks: Object → how it is drawn.
        size_px: Height and width of the masks.
        count: How many frames there are, at least one.
        fps: From ``playing_rate``.
    """
    sheet = ContactSheet(count, fps)
    drawn = (draw_frame(image, masks, looks, size_px) for image, masks in frames)
    write_video(path, sheet.passed(drawn), fps, crf=CRF, faststart=True)
    write_image(Path(path).with_suffix(".jpg"), sheet.picture(), quality=85)


class ContactSheet:
    """Some frames of a video, small and side by side, each under its time.

    Args:
        count: Frames of the video.
        fps: Frames per second.
    """

    def __init__(self, count: int, fps: float) -> None:
        self.places = np.unique(np.linspace(0, count - 1, SHEET_FRAMES).round().astype(int)).tolist()
        self.fps = fps
        self._pictures: list[np.ndarray] = []

    def passed(self, frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """The same frames, of which some are kept on their way."""
        for place, image in enumerate(frames):
            if place in self.places:
                self._pictures.append(self._small(image, place / self.fps))
            yield image

    def picture(self) -> np.ndarray:
        """The sheet, uint8 RGB, of the frames that have passed."""
        rows = [
            _joined(self._pictures[start : start + SHEET_COLUMNS])
            for start in range(0, len(self._pictures), SHEET_COLUMNS)
        ]
        width = rows[0].shape[1]
        gap = np.full((SHEET_GAP_PX, width, 3), FILM, dtype=np.uint8)
        padded = [_widened(row, width) for row in rows]
        return np.concatenate([part for row in padded for part in (gap, row)][1:])

    def _small(self, image: np.ndarray, time_s: float) -> np.ndarray:
        height = max(1, round(image.shape[0] * SHEET_PICTURE_PX / image.shape[1]))
        strip = heading(clock_text(time_s), SHEET_PICTURE_PX, strip_px(SHEET_PICTURE_PX, TITLE_SHARE))
        return np.concatenate([strip, resize_image(image, height, SHEET_PICTURE_PX)])


def clock_text(time_s: float) -> str:
    """A time as minutes and seconds, after an hour with hours: 0:07.5, 1:02:03.4."""
    tenths = round(time_s * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest // 10:02d}.{rest % 10}"
    return f"{hours}:{minutes:02d}:{seconds}" if hours else f"{minutes}:{seconds}"


def _joined(pictures: Sequence[np.ndarray]) -> np.ndarray:
    gap = np.full((pictures[0].shape[0], SHEET_GAP_PX, 3), FILM, dtype=np.uint8)
    return np.concatenate([part for picture in pictures for part in (gap, picture)][1:], axis=1)


def _widened(row: np.ndarray, width: int) -> np.ndarray:
    """A last row that is not full, on film."""
    return np.concatenate(
        [row, np.full((row.shape[0], width - row.shape[1], 3), FILM, dtype=np.uint8)], axis=1
    )
