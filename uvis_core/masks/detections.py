"""What every backend finds in a frame."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Detections:
    """The N masks of one frame, best first.

    Attributes:
        runs: N int64 arrays, run lengths of each mask as ``run_lengths`` gives them, at the frame's own size.
        boxes_xyxy_px: float32 (N, 4), around the masks: the detector's boxes, clipped to the frame, or the masks' own.
        objectness: float32 (N,), falling.
    """

    runs: list[np.ndarray]
    boxes_xyxy_px: np.ndarray
    objectness: np.ndarray
