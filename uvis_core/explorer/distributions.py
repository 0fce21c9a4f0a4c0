"""How scores are spread, and where between two heaps of them a threshold would lie."""

from itertools import pairwise

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from uvis_core.explorer.rows import Rows
from uvis_core.io.schemas.labels import CRITERIA

BINS = 100
SCORES = CRITERIA[:3]
"""Those that have a slider; their bins go from 0 to 1, cosines below 0 fall into the first."""
SMOOTHED_BINS = 2.5
LEAST_DEPTH = 0.08
"""How much lower than the lower of its two peaks a valley must be, as a share of the highest peak."""


def histograms(rows: Rows) -> dict[str, np.ndarray]:
    """Crops by class and score, by name of the score: int64 (C, BINS)."""
    found = {}
    for score in SCORES:
        counts = np.zeros((len(rows.class_ids), BINS), dtype=np.int64)
        for place in range(len(counts)):
            values = rows.scores[score][rows.of_class(place)]
            bins = np.clip(values * BINS, 0, BINS - 1).astype(np.uint8)
            counts[place] = np.bincount(bins, minlength=BINS)
        found[score] = counts
    return found


def density_valley(counts: np.ndarray) -> float | None:
    """The score at the deepest valley between two peaks of the smoothed density.

    Args:
        counts: int64 (BINS,).

    Returns:
        The lower edge of the valley's bin; None where the density has one heap only.
    """
    smooth = gaussian_filter1d(counts.astype(np.float64), SMOOTHED_BINS, mode="constant")
    if not smooth.any():
        return None
    # A wall of nothing around it, so that a heap at either end is a peak too.
    walled = np.concatenate([[0.0], smooth, [0.0]])
    peaks, _ = find_peaks(walled, prominence=LEAST_DEPTH * walled.max())
    best: tuple[float, int] | None = None
    for left, right in pairwise(peaks.tolist()):
        valley = left + int(np.argmin(walled[left : right + 1]))
        depth = min(walled[left], walled[right]) - walled[valley]
        if best is None or depth > best[0]:
            best = (float(depth), valley - 1)
    return None if best is None else best[1] / BINS
