"""A video file, decoded straight into the windows that the model takes: no frame goes to the disk."""

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from uvis_core.io.errors import UserError
from uvis_core.io.video import announced_frames, decode_video
from uvis_core.jobs import progress
from uvis_core.model.images import resize_frame


class VideoWindows:
    """Windows of consecutive frames, uint8 RGB (T, 3, h, w), with one window in memory; to be gone through once.

    Args:
        path: The video.
        short_side_px: Frames are resized to this shorter side.
        window: Frames per window.

    Attributes:
        size_px: Height and width of the frames.
        frames: How many have been decoded.
        first_s: Timestamp of the first one.
        last_s: Timestamp of the last one so far.

    Raises:
        UserError: The video cannot be decoded, or its frames are of several sizes.
    """

    def __init__(self, path: Path | str, short_side_px: int, window: int) -> None:
        self.path, self.short_side_px, self.window = path, short_side_px, window
        decoded = decode_video(path)
        first = next(decoded)
        self.frames, self.first_s, self.last_s = 0, first[0], first[0]
        self.size_px: tuple[int, int] = first[1].shape[:2]
        self._decoded = progress(
            chain([first], decoded), total=announced_frames(path), unit="frame", name="tracking"
        )

    def __iter__(self) -> Iterator[Tensor]:
        resized = self._resized()
        while images := list(islice(resized, self.window)):
            yield torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2)

    def _resized(self) -> Iterator[np.ndarray]:
        for time_s, image in self._decoded:
            if image.shape[:2] != self.size_px:
                (height, width), first = image.shape[:2], self.size_px
                raise UserError(
                    f"{self.path}: frame {self.frames} measures {height} x {width} pixels, the first one "
                    f"{first[0]} x {first[1]}",
                    fix="split the video where its size changes",
                )
            self.frames, self.last_s = self.frames + 1, time_s
            yield resize_frame(image, self.short_side_px)
