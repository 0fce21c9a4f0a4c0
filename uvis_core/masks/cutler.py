"""The backend cutler: a trained detector over all frames."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from detectron2.data.transforms import ResizeShortestEdge
from torch import Tensor

from uvis_core.config.masks import MasksSettings
from uvis_core.io.devices import frames_at_once
from uvis_core.masks.cascade import load_detector
from uvis_core.masks.detect import detect
from uvis_core.masks.detections import Detections
from uvis_core.masks.frame_batches import frame_batches, read_frame, same_size_batches


@dataclass(frozen=True)
class ResizedFrames:
    """Frames, resized by detectron2's rule, as uint8 (3, h, w)."""

    rows: list[dict[str, Any]]
    rule: ResizeShortestEdge

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: int) -> Tensor:
        """The frame at a place of the table."""
        row = self.rows[place]
        image = read_frame(row["path"], (row["height_px"], row["width_px"]))
        resized = self.rule.get_transform(image).apply_image(image)
        return torch.from_numpy(resized.copy()).permute(2, 0, 1)


def cutler_detections(
    rows: list[dict[str, Any]], settings: MasksSettings, device: torch.device, batch_size: int, workers: int
) -> Iterator[tuple[int, Detections]]:
    """Detect on every frame, a batch at a time; workers decode and resize ahead.

    Args:
        rows: Of the table of frames.
        settings: Of the stage.
        device: Where the detector runs.
        batch_size: Frames at a time; on a CPU fewer where they are large.
        workers: Processes that decode.

    Yields:
        Every row's place and what is found there, in order.
    """
    detector = load_detector(settings, device)
    frames = ResizedFrames(rows, ResizeShortestEdge(settings.model.min_size_px, settings.model.max_size_px))
    sizes_px = [(row["height_px"], row["width_px"]) for row in rows]
    for places, images in frame_batches(frames, same_size_batches(sizes_px, batch_size), workers):
        stacked = torch.stack(images)
        if device.type == "cuda":
            stacked = stacked.pin_memory()
        height, width = stacked.shape[-2:]
        found = [
            detections
            for part in stacked.split(frames_at_once(batch_size, height, width, device))
            for detections in detect(detector, part, sizes_px[places[0]], device, settings.precision)
        ]
        yield from zip(places, found, strict=True)
