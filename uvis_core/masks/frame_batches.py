"""Decoding and preparation of frames in worker processes, ahead of the device."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np

from uvis_core.io.errors import UserError
from uvis_core.io.images import read_image
from uvis_core.io.loading import Items, load_batches

Item = TypeVar("Item")


def read_frame(path: str, size_px: tuple[int, int]) -> np.ndarray:
    """Read a frame, uint8 (H, W, 3), and check it against its index.

    Raises:
        UserError: It is missing, damaged or of another size.
    """
    image = read_image(path)
    if image.shape[:2] != size_px:
        found = f"{image.shape[0]} x {image.shape[1]}"
        raise UserError(
            f"{path}: is {found} pixels (height x width), but its frame index says {size_px}",
            fix="delete the frame index of its shard so that the frames stage makes it again",
        )
    return image


def same_size_batches(sizes_px: Sequence[tuple[int, int]], batch_size: int) -> list[list[int]]:
    """Cut the rows, in order, into batches of at most ``batch_size`` that never mix two sizes.

    Frames of one size need no padding against each other, so a frame's result does not depend on its companions.
    """
    batches: list[list[int]] = []
    for row, size in enumerate(sizes_px):
        if not batches or len(batches[-1]) == batch_size or sizes_px[batches[-1][0]] != size:
            batches.append([])
        batches[-1].append(row)
    return batches


def frame_batches(
    frames: Items[Item], batches: Sequence[list[int]], workers: int
) -> Iterator[tuple[list[int], list[Item]]]:
    """Load frames batch by batch, by ``workers`` processes (0: by this one).

    Args:
        frames: By its place, what the backend makes of a frame; copied into every worker.
        batches: Places that go together, in the order in which they are wanted.
        workers: Number of processes.

    Yields:
        The places of a batch, and what was made of each.

    Raises:
        UserError: While iterating, at the first frame that is missing, damaged or of another size than its index says.
    """
    loaded: Iterator[list[Item]] = load_batches(frames, batches, list, workers=workers)
    yield from zip(batches, loaded, strict=True)
