"""Decoding of frames and cutting of their crops in worker processes, ahead of the model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor

from uvis_core.config.crops import CropsSettings
from uvis_core.crops.cut import cut_crop
from uvis_core.crops.encoders import ImageEncoder
from uvis_core.io.errors import UserError
from uvis_core.io.images import read_image
from uvis_core.io.loading import load_items
from uvis_core.io.rle import decode_masks


@dataclass(frozen=True)
class MaskedFrame:
    """One frame and its N masks: path, boxes float32 (N, 4) in pixels, run-length texts, the size they were made at.

    The texts stay in Arrow, where they cost no more than their letters.
    """

    path: str
    boxes_xyxy_px: np.ndarray
    rle_counts: pa.ChunkedArray
    size_px: tuple[int, int]


class FrameCrops:
    """The prepared crops of each frame, float32 (N, 3, S, S)."""

    def __init__(self, frames: Sequence[MaskedFrame], encoder: ImageEncoder, settings: CropsSettings) -> None:
        self.frames, self.settings = frames, settings
        self.prepare, self.fill_rgb = encoder.prepare, encoder.fill_rgb

    def __len__(self) -> int:
        return len(self.frames)

    def __getitem__(self, position: int) -> Tensor:
        frame, settings = self.frames[position], self.settings
        image = read_image(frame.path)
        if image.shape[:2] != frame.size_px:
            raise UserError(
                f"{frame.path}: is {image.shape[0]} x {image.shape[1]} pixels, but its masks are {frame.size_px}",
                fix="delete the tables of masks of its shard so that they are made again",
            )
        height, width = frame.size_px
        needed = settings.background != "keep"
        masks = (
            decode_masks(frame.rle_counts.to_pylist(), height, width)
            if needed
            else [None] * len(frame.boxes_xyxy_px)
        )
        crops = [
            cut_crop(
                image,
                box,
                mask,
                margin=settings.margin,
                background=settings.background,
                square_padding=settings.square_padding,
                fill_rgb=self.fill_rgb,
            )
            for box, mask in zip(frame.boxes_xyxy_px, masks, strict=True)
        ]
        return torch.stack([self.prepare(crop) for crop in crops])


def crop_batches(
    frames: Sequence[MaskedFrame],
    encoder: ImageEncoder,
    settings: CropsSettings,
    *,
    batch_size: int,
    workers: int,
) -> Iterator[Tensor]:
    """All crops in order, (B, 3, S, S) at a time, whatever frame they come from; the last batch is smaller.

    Raises:
        UserError: While iterating, at the first frame that is missing, damaged or of another size than its masks.
    """
    waiting: list[Tensor] = []
    for crops in load_items(FrameCrops(frames, encoder, settings), workers=workers):
        waiting.append(crops)
        while sum(map(len, waiting)) >= batch_size:
            joined = torch.cat(waiting)
            yield joined[:batch_size]
            waiting = [joined[batch_size:]]
    if sum(map(len, waiting)):
        yield torch.cat(waiting)
