"""Which side of a cut is the object: the choices of MaskCut (Wang et al., CutLER, CVPR 2023, section 3.2)."""

import numpy as np
from scipy import ndimage

CORNERS_OF_BACKGROUND = 3


def foreground(vector: np.ndarray, alive: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split a grid of patches and keep the connected part around the seed.

    The vector is split at its mean. The upper side is the object, unless it holds at least three of the four corners,
    or else does not hold the patch of largest magnitude. Of the object's side, the part that is connected with its
    most extreme patch, the seed, remains.

    Args:
        vector: float (h, w), the second eigenvector.
        alive: bool (h, w), patches that took part; at least one.

    Returns:
        The object, bool (h, w), empty where the vector splits nothing; and the vector turned and shifted such that the
        object is positive and the split lies at 0, float64 (h, w), 0 where patches took no part.
    """
    centred = np.where(alive, vector - vector[alive].mean(dtype=np.float64), 0.0)
    upper = centred > 0
    corners = int(upper[[0, 0, -1, -1], [0, -1, 0, -1]].sum())
    largest = np.where(alive, np.abs(vector), -1).argmax()
    if corners >= CORNERS_OF_BACKGROUND or not upper.flat[largest]:
        centred = -centred
    parts, _ = ndimage.label(centred > 0)
    seed = centred.argmax()
    return (parts == parts.flat[seed]) & (centred > 0), centred
