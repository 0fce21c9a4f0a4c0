"""The model's predictions of a video frame by frame, each query at its track's place (MinVIS, section 3.2)."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from uvis_core.config.base import Precision
from uvis_core.io.devices import autocast
from uvis_core.model.minvis import MinVIS, frame_outputs
from uvis_core.tracks.memory import TrackingMemory


class AlignedFrames(NamedTuple):
    """Predictions of T consecutive frames; a query's place is the same through the video.

    Attributes:
        class_logits: float (T, Q, C + 1); the last class is "no object".
        mask_logits: float32 (T, Q, H / 4, W / 4) on the padded frames, on the model's device.
        resized: Height and width of the frames that the model saw, without padding.
    """

    class_logits: np.ndarray
    mask_logits: Tensor
    resized: tuple[int, int]


def aligned_frames(
    model: MinVIS, windows: Iterable[Tensor], memory: TrackingMemory, precision: Precision
) -> Iterator[AlignedFrames]:
    """Frames that the model sees one by one, window after window.

    Args:
        model: In evaluation mode.
        windows: The frames in order, uint8 RGB (T_w, 3, h, w).
        memory: New; aligns the frames.
        precision: Of the model.
    """
    device = next(model.parameters()).device
    for window in windows:
        with autocast(device, precision):
            outputs = frame_outputs(model, list(window))
        orders = np.stack([memory.align(queries) for queries in outputs.embeddings.cpu().numpy()])
        logits = np.take_along_axis(outputs.class_logits.cpu().numpy(), orders[:, :, None], axis=1)
        rows = torch.arange(len(orders), device=device)[:, None]
        aligned = outputs.mask_logits[rows, torch.from_numpy(orders).to(device)]
        yield AlignedFrames(logits, aligned, (window.shape[2], window.shape[3]))
