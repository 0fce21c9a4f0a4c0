"""How patches move: optical flow towards neighbouring frames, without any learned part.

Kroeger et al., Fast optical flow using dense inverse search, ECCV 2016, by OpenCV.
"""

from collections.abc import Mapping

import cv2
import numpy as np

SAMPLES = 7
"""Motion is looked at in so many places along each side of a patch."""
LEAST_SIDE_PX = 64
"""Smaller frames are enlarged to this, which the search needs."""


def patch_motion(
    image: np.ndarray, neighbours: Mapping[int, np.ndarray], grid: tuple[int, int]
) -> np.ndarray:
    """Motion of every patch: the median over its area of the mean over the neighbouring frames.

    Args:
        image: uint8 (H, W, 3), the frame.
        neighbours: Frames of the same size by their distance in frames, negative for earlier ones.
        grid: Rows and columns of patches.

    Returns:
        float32 (h, w, 2): rightwards and downwards, per frame, in sides of a patch; zeros without neighbours.
    """
    rows, columns = grid
    if not neighbours:
        return np.zeros((rows, columns, 2), np.float32)
    here = _grey(image)
    patch_px = np.array([here.shape[1] / columns, here.shape[0] / rows], np.float32)
    threads = cv2.getNumThreads()
    # Stripes are matched by themselves, one per thread: the result would depend on the number of cores.
    cv2.setNumThreads(1)
    try:
        search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        # OpenCV's types do not tell that the third argument may be missing.
        flows = [search.calc(here, _grey(other), None) / step for step, other in neighbours.items()]  # type: ignore[call-overload]
    finally:
        cv2.setNumThreads(threads)
    mean = np.stack(flows).mean(axis=0, dtype=np.float32)
    return (
        cv2.resize(mean, (columns, rows), interpolation=cv2.INTER_AREA).reshape(rows, columns, 2) / patch_px
    )


def _grey(image: np.ndarray) -> np.ndarray:
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    height, width = (max(LEAST_SIDE_PX, side) for side in grey.shape)
    return cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA)
