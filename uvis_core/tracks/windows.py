"""The frames of a shard, video by video, decoded and resized in worker processes."""

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from uvis_core.io.errors import UserError
from uvis_core.io.images import read_image
from uvis_core.io.loading import load_items
from uvis_core.model.images import resize_frame
from uvis_core.tracks.videos import VideoFrames


class _Windows:
    """Windows of consecutive frames of one video, each as uint8 (T, 3, h, w)."""

    def __init__(self, windows: Sequence[tuple[VideoFrames, int, int]], short_side_px: int) -> None:
        self.windows = windows
        self.short_side_px = short_side_px

    def __len__(self) -> int:
        return len(self.windows)

    def __getitem__(self, index: int) -> Tensor:
        video, start, stop = self.windows[index]
        images = []
        for path in video.paths[start:stop]:
            image = read_image(path)
            if image.shape[:2] != video.size_px:
                found, expected = (f"{size[0]} x {size[1]}" for size in (image.shape, video.size_px))
                raise UserError(
                    f"{path}: is {found}, but the table of frames says {expected}",
                    fix="delete the table of frames of its shard so that the frames stage makes it again",
                )
            images.append(resize_frame(image, self.short_side_px))
        return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2)


def video_windows(
    videos: Sequence[VideoFrames], *, short_side_px: int, window: int, workers: int
) -> Iterator[tuple[VideoFrames, Iterator[Tensor]]]:
    """Each video with its windows, in order; use up a video's windows before taking the next video.

    Args:
        videos: From ``list_frames``.
        short_side_px: Frames are resized to this shorter side.
        window: Frames per window.
        workers: Decoding processes, the same for all videos; 0 decodes here.

    Raises:
        UserError: At the window of a frame that is missing, damaged or of another size than its table says.
    """
    starts = [list(range(0, len(video.paths), window)) for video in videos]
    all_windows = [
        (video, start, start + window)
        for video, places in zip(videos, starts, strict=True)
        for start in places
    ]
    stream = load_items(_Windows(all_windows, short_side_px), workers=workers)
    for video, places in zip(videos, starts, strict=True):
        yield video, islice(stream, len(places))
