"""Synthesised clips as a picture, to look at before a training: a row per clip, a colour per track."""

import numpy as np

from uvis_core.drawing.pictures import draw_numbered, resize_image
from uvis_core.training.clips.dataset import ClipSamples

GAP_PX = 6


def draw_clips(samples: ClipSamples, count: int, *, height_px: int, columns: int) -> np.ndarray:
    """Draw the first clips of a training.

    Args:
        samples: The clips.
        count: How many.
        height_px: Of every frame, pixels.
        columns: Clips beside each other.

    Returns:
        uint8 RGB of shape (H, W, 3), clips in reading order; the frames of a clip touch each other.
    """
    clips = [_drawn(samples, index, height_px) for index in range(count)]
    width = max(clip.shape[1] for clip in clips)
    rows = -(-count // columns)
    sheet = np.full(
        (rows * (height_px + GAP_PX) - GAP_PX, columns * (width + GAP_PX) - GAP_PX, 3), 255, np.uint8
    )
    for place, clip in enumerate(clips):
        top, left = (place // columns) * (height_px + GAP_PX), (place % columns) * (width + GAP_PX)
        sheet[top : top + height_px, left : left + clip.shape[1]] = clip
    return sheet


def _drawn(samples: ClipSamples, index: int, height_px: int) -> np.ndarray:
    """One clip, its frames from left to right."""
    sample = samples[index]
    numbers = range(len(sample.classes))
    frames = []
    for place, image in enumerate(sample.image.permute(0, 2, 3, 1).numpy()):
        width = max(1, round(image.shape[1] * height_px / image.shape[0]))
        picture = resize_image(image, height_px, width)
        masks = sample.masks[:, place].numpy().astype(bool)
        frames.append(draw_numbered(picture, list(masks), list(numbers), [""] * len(numbers)))
    return np.concatenate(frames, axis=1)
