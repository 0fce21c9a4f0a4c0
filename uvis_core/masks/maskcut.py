"""The backend maskcut: objects by normalised cuts of self-supervised features, without a detector."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from uvis_core.config.masks import MasksSettings
from uvis_core.masks.cut import FoundObject, cut_frames
from uvis_core.masks.detections import Detections
from uvis_core.masks.frame_batches import frame_batches, read_frame, same_size_batches
from uvis_core.masks.motion import patch_motion
from uvis_core.masks.refine import refine
from uvis_core.masks.run_lengths import run_lengths
from uvis_core.vit.transformer import Vit, load_vit, patch_features

NEIGHBOURS = (-2, -1, 1, 2)
"""Distances, in frames of the table, at which motion is looked for."""


@dataclass(frozen=True)
class MovingFrames:
    """Frames as uint8 (3, H, W), with the motion of their patches, float32 (h, w, 2), or None.

    Attributes:
        rows: Of the table of frames, sorted by video and frame.
        short_side_px: See ``patch_grid``.
        patch_px: Side of the model's patches.
        with_motion: Whether neighbouring frames are read as well.
    """

    rows: list[dict[str, Any]]
    short_side_px: int
    patch_px: int
    with_motion: bool

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: int) -> tuple[Tensor, Tensor | None]:
        """The frame at a place of the table."""
        image = self._read(place)
        pixels = torch.from_numpy(image.copy()).permute(2, 0, 1)
        if not self.with_motion:
            return pixels, None
        grid = patch_grid((image.shape[0], image.shape[1]), self.short_side_px, self.patch_px)
        others = {step: self._read(place + step) for step in NEIGHBOURS if self._is_neighbour(place, step)}
        return pixels, torch.from_numpy(patch_motion(image, others, grid))

    def _read(self, place: int) -> np.ndarray:
        row = self.rows[place]
        return read_frame(row["path"], (row["height_px"], row["width_px"]))

    def _is_neighbour(self, place: int, step: int) -> bool:
        keys = ("video_id", "height_px", "width_px")
        return 0 <= place + step < len(self.rows) and all(
            self.rows[place + step][key] == self.rows[place][key] for key in keys
        )


def patch_grid(size_px: tuple[int, int], short_side_px: int, patch_px: int) -> tuple[int, int]:
    """Rows and columns of patches of a frame resized to about a short side, aspect kept as far as patches allow."""
    scale = short_side_px / min(size_px) / patch_px
    return max(2, round(size_px[0] * scale)), max(2, round(size_px[1] * scale))


def maskcut_detections(
    rows: list[dict[str, Any]], settings: MasksSettings, device: torch.device, batch_size: int, workers: int
) -> Iterator[tuple[int, Detections]]:
    """Cut every frame, a batch at a time; workers decode and follow motion ahead.

    Args:
        rows: Of the table of frames, sorted by video and frame.
        settings: Of the stage.
        device: Where features, cuts and masks are computed.
        batch_size: Frames at a time.
        workers: Processes that decode.

    Yields:
        Every row's place and what is found there, in order.
    """
    cut = settings.maskcut
    vit = load_vit(cut.model, settings.weights, device)
    frames = MovingFrames(rows, cut.short_side_px, vit.patch_px, cut.motion_tolerance is not None)
    sizes_px = [(row["height_px"], row["width_px"]) for row in rows]
    for places, items in frame_batches(frames, same_size_batches(sizes_px, batch_size), workers):
        images = torch.stack([image for image, _ in items]).to(device)
        moves = [move for _, move in items if move is not None]
        motion = torch.stack(moves).to(device) if moves else None
        yield from zip(places, detect_objects(vit, images, motion, settings), strict=True)


@torch.inference_mode()
def detect_objects(
    vit: Vit, images: Tensor, motion: Tensor | None, settings: MasksSettings
) -> list[Detections]:
    """Find objects in frames of one size.

    Args:
        vit: On the device of the images.
        images: uint8 (B, 3, H, W), RGB.
        motion: float32 (B, h, w, 2) of their patches, or None.
        settings: Of the stage.

    Returns:
        One entry per frame; masks have the frame's size.
    """
    resized = resize_to_patches(images, settings.maskcut.short_side_px, vit.patch_px)
    features = patch_features(vit, resized, settings.maskcut.features, settings.precision)
    found = cut_frames(features, motion, settings.maskcut)
    return [frame_detections(own, image, settings) for own, image in zip(found, images, strict=True)]


def resize_to_patches(images: Tensor, short_side_px: int, patch_px: int) -> Tensor:
    """Resize uint8 (B, 3, H, W) to the whole patches of their grid; still uint8."""
    rows, columns = patch_grid((images.shape[2], images.shape[3]), short_side_px, patch_px)
    size = (rows * patch_px, columns * patch_px)
    resized = interpolate(images.float(), size=size, mode="bicubic", antialias=True, align_corners=False)
    return resized.round().clamp(0, 255).to(torch.uint8)


def frame_detections(objects: Sequence[FoundObject], image: Tensor, settings: MasksSettings) -> Detections:
    """The objects of a frame as masks of pixels, best first; those without any pixel are left out.

    Args:
        objects: From the cut.
        image: uint8 (3, H, W), the frame.
        settings: Filter, floor and limit of the stage.
    """
    kept = [entry for entry in objects if entry.objectness > settings.objectness_floor]
    kept = sorted(kept, key=lambda entry: -entry.objectness)[: settings.max_masks_per_frame]
    if not kept:
        return Detections([], np.zeros((0, 4), np.float32), np.zeros(0, np.float32))
    soft = torch.from_numpy(np.stack([entry.soft for entry in kept])).to(image.device)
    masks = refine(soft, image, settings.maskcut.filter_radius_px)
    filled = masks.flatten(1).any(dim=1)
    scores = np.array([entry.objectness for entry in kept], np.float32)[filled.cpu().numpy()]
    return Detections(run_lengths(masks[filled]), mask_boxes(masks[filled]), scores)


def mask_boxes(masks: Tensor) -> np.ndarray:
    """Left, top, right and bottom (both exclusive) of masks, bool (N, H, W), none empty: float32 (N, 4)."""
    sides = []
    for axis in (1, 2):
        filled = masks.any(dim=axis).to(torch.uint8)  # columns, then rows
        sides += [filled.argmax(dim=1), filled.shape[1] - filled.flip(1).argmax(dim=1)]
    left, right, top, bottom = sides
    return torch.stack([left, top, right, bottom], dim=1).float().cpu().numpy()
