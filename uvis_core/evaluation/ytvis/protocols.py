"""The figures of YTVIS (twelve) and OVIS (eighteen), and the bins that they are taken in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from uvis_core.io.annotations.model import TrueObject

LARGEST_AREA_PX = 1e5**2
MAX_TRACKS = (1, 10, 100)


@dataclass(frozen=True)
class Bin:
    """Objects whose mean area (px) or occlusion score lies from ``low`` to ``high``, both ends included."""

    name: str
    kind: Literal["area", "occlusion"]
    low: float
    high: float

    def excludes_truths(self, tracks: Sequence[TrueObject]) -> np.ndarray:
        """Whether each truth is ignored in this bin, bool of shape (G,); crowds always are."""
        values = np.array(
            [t.mean_area_px if self.kind == "area" else t.occlusion for t in tracks], np.float64
        )
        crowd = np.array([track.crowd for track in tracks], dtype=bool)
        return crowd | ~((values >= self.low) & (values <= self.high))

    def excludes_predictions(self, mean_areas_px: np.ndarray) -> np.ndarray:
        """Whether each unmatched prediction is ignored, bool of shape (D,); predictions have no occlusion."""
        if self.kind == "occlusion":
            return np.zeros(len(mean_areas_px), dtype=bool)
        return (mean_areas_px < self.low) | (mean_areas_px > self.high)


@dataclass(frozen=True)
class Figure:
    """One figure: precision or recall, at one IoU threshold or over all, in one bin, of the best tracks."""

    name: str
    kind: Literal["precision", "recall"]
    bin_index: int = 0
    iou: float | None = None
    max_tracks: int = MAX_TRACKS[-1]


@dataclass(frozen=True)
class Protocol:
    """Bins and figures of one benchmark; the first bin holds everything."""

    name: str
    bins: tuple[Bin, ...]
    figures: tuple[Figure, ...]


_AREA_BINS = (
    Bin("all", "area", 0.0, LARGEST_AREA_PX),
    Bin("s", "area", 0.0, 128.0**2),
    Bin("m", "area", 128.0**2, 256.0**2),
    Bin("l", "area", 256.0**2, LARGEST_AREA_PX),
)
_OCCLUSION_BINS = (
    Bin("_light", "occlusion", 0.0, 0.25),
    Bin("_medium", "occlusion", 0.25, 0.5),
    Bin("_heavy", "occlusion", 0.5, 1.0),
)


def _protocol(name: str, bins: tuple[Bin, ...]) -> Protocol:
    parts = list(enumerate(bins))[1:]
    figures = (
        Figure("AP", "precision"),
        Figure("AP50", "precision", iou=0.5),
        Figure("AP75", "precision", iou=0.75),
        *(Figure(f"AP{part.name}", "precision", index) for index, part in parts),
        *(Figure(f"AR{count}", "recall", max_tracks=count) for count in MAX_TRACKS),
        *(Figure(f"AR{part.name}", "recall", index) for index, part in parts),
    )
    return Protocol(name, bins, figures)


PROTOCOLS = {
    "ytvis": _protocol("ytvis", _AREA_BINS),
    "ovis": _protocol("ovis", _AREA_BINS + _OCCLUSION_BINS),
}
