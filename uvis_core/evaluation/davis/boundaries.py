"""Accuracy of mask boundaries: the F of DAVIS.

Perazzi et al., "A benchmark dataset and evaluation methodology for video object segmentation", CVPR 2016. The
tolerance is 0.008 of the frame's diagonal, as in the benchmark's own tools.
"""

import numpy as np
from scipy.spatial import cKDTree

TOLERANCE = 0.008


def tolerance_px(height: int, width: int) -> int:
    """Distance in pixels at which boundaries still agree: 0.008 of the diagonal, rounded up."""
    return int(np.ceil(TOLERANCE * np.hypot(height, width)))


def boundary_points(mask: np.ndarray) -> np.ndarray:
    """Pixels that differ from their right, lower or lower right neighbour, where they have one.

    Args:
        mask: bool of shape (H, W).

    Returns:
        Row and column, int64 of shape (N, 2).
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if len(rows) == 0:
        return np.zeros((0, 2), dtype=np.int64)
    # One pixel around the object is enough, and a small part of the frame is a small part of the work.
    top, left = max(rows[0] - 1, 0), max(columns[0] - 1, 0)
    part = np.pad(mask[top : rows[-1] + 2, left : columns[-1] + 2], ((0, 1), (0, 1)), mode="edge")
    here = part[:-1, :-1]
    differs = (here ^ part[:-1, 1:]) | (here ^ part[1:, :-1]) | (here ^ part[1:, 1:])
    return np.argwhere(differs) + np.array([top, left])


class Boundary:
    """Boundary of one mask, ready to be compared with others."""

    def __init__(self, mask: np.ndarray) -> None:
        self.points = boundary_points(mask)
        self.tree = cKDTree(self.points)

    def share_near(self, other: "Boundary", distance_px: int) -> float:
        """Share of this boundary that lies within a distance of the other, which must not be empty."""
        # Squared distances are whole, so half a unit above tells "at most" from "more" in spite of rounding.
        bound = np.sqrt(distance_px**2 + 0.5)
        return float(np.isfinite(other.tree.query(self.points, distance_upper_bound=bound)[0]).mean())


def boundary_f(mask: Boundary, truth: Boundary, distance_px: int) -> float:
    """Harmonic mean of boundary precision and recall; 1 where both are empty, 0 where one is."""
    if len(mask.points) == 0 or len(truth.points) == 0:
        return float(len(mask.points) == len(truth.points))
    precision, recall = mask.share_near(truth, distance_px), truth.share_near(mask, distance_px)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
