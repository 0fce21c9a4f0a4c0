"""Decoding and resizing of frames in worker processes, ahead of the detector."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from detectron2.data.transforms import ResizeShortestEdge
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from uvis_core.io.errors import UserError
from uvis_core.io.images import read_image


@dataclass(frozen=True)
class FrameBatch:
    """Frames of one size.

    Attributes:
        rows: Their places in the table of frames.
        images: uint8 (B, 3, h, w), RGB, resized for the detector.
        size_px: Height and width before resizing.
    """

    rows: list[int]
    images: Tensor
    size_px: tuple[int, int]


class ResizedFrames(Dataset):
    """Frames as uint8 tensors (3, h, w), resized by detectron2's rule; a frame that cannot be read gives its error.

    Errors travel as values because a worker process cannot raise one that keeps its two parts.
    """

    def __init__(
        self, paths: Sequence[str], sizes_px: Sequence[tuple[int, int]], min_size_px: int, max_size_px: int
    ) -> None:
        self.paths, self.sizes_px = paths, sizes_px
        self.resize = ResizeShortestEdge(min_size_px, max_size_px)

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, row: int) -> tuple[int, Tensor | tuple[str, str]]:
        path = self.paths[row]
        try:
            image = read_image(path)
        except UserError as error:
            return row, (error.message, error.fix)
        if image.shape[:2] != self.sizes_px[row]:
            found = f"{image.shape[0]} x {image.shape[1]}"
            message = (
                f"{path}: is {found} pixels (height x width), but its frame index says {self.sizes_px[row]}"
            )
            return row, (
                message,
                "delete the frame index of its shard so that the frames stage makes it again",
            )
        resized = self.resize.get_transform(image).apply_image(image)
        return row, torch.from_numpy(resized.copy()).permute(2, 0, 1)


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
    paths: Sequence[str],
    sizes_px: Sequence[tuple[int, int]],
    *,
    min_size_px: int,
    max_size_px: int,
    batch_size: int,
    workers: int,
    pin: bool,
) -> Any:
    """Iterate over all frames in order, as ``FrameBatch``, decoded by ``workers`` processes (0: by this one).

    Raises:
        UserError: While iterating, at the first frame that is missing, damaged or of another size than its index says.
    """
    dataset = ResizedFrames(paths, sizes_px, min_size_px, max_size_px)
    batches = same_size_batches(sizes_px, batch_size)
    loader = DataLoader(dataset, batch_sampler=batches, num_workers=workers, collate_fn=list)
    for items in loader:
        images = []
        for _, image in items:
            if not isinstance(image, Tensor):
                raise UserError(image[0], fix=image[1])
            images.append(image)
        rows = [row for row, _ in items]
        stacked = torch.stack(images)
        yield FrameBatch(rows, stacked.pin_memory() if pin else stacked, sizes_px[rows[0]])
