"""How doubtful a kept label is, by what can be known without truth."""

from dataclasses import dataclass

import numpy as np

from uvis_core.report.review.chains import Chains
from uvis_core.report.review.sample import KeptLabels

CRITERIA = ("neighbours", "second class", "similarity", "size")
# Fewer labels of a class do not tell what is usual for it.
LEAST_OF_CLASS = 20
# In robust standard deviations from the class's median: what is nothing unusual yet, and what could not be more so.
USUAL, EXTREME = 2.0, 6.0
# One video has no more places in a gallery, however odd it is.
MOST_OF_VIDEO = 3


@dataclass(frozen=True)
class Doubts:
    """Points of N labels.

    Attributes:
        points: float64 (4, N), from 0 to 1 by ``CRITERIA``.
        similarity_median: float64 (N,), of all sampled labels of the label's class; NaN where they are too few.
        area_median: float64 (N,), likewise, of the share of the frame.
    """

    points: np.ndarray
    similarity_median: np.ndarray
    area_median: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """Sum of the points, float64 (N,)."""
        return self.points.sum(axis=0)


def find_doubts(labels: KeptLabels, chains: Chains) -> Doubts:
    """Give each label up to a point per criterion.

    - neighbours: the share of the other labels of its chain that have another class, where the chain's
      common class is another one;
    - second class: twice what the second class has of a softmax over the first two;
    - similarity: how far below its class's median, 0 at ``USUAL`` and 1 at ``EXTREME`` robust standard deviations;
    - size: how far the logarithm of its area is from that of its class, likewise.
    """
    others = np.maximum(chains.length - 1, 1)
    disagree = np.where(
        chains.followed & (chains.common != labels.class_id), 1 - chains.others_agree / others, 0.0
    )
    known = labels.similarity > -1
    similarity, low = _unusual(labels.similarity.astype(np.float64), labels.class_id, known)
    size, off = _unusual(np.log(np.maximum(labels.area_share, 1e-9)), labels.class_id, labels.area_share > 0)
    points = np.stack([disagree, 2 * labels.rival_share, _graded(-low), _graded(np.abs(off))])
    return Doubts(points, similarity, np.exp(size))


def _unusual(values: np.ndarray, class_ids: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """By label the median of its class, and how many robust standard deviations it is above it (0: not known)."""
    medians, deviations = np.full(len(values), np.nan), np.zeros(len(values))
    for class_id in np.unique(class_ids):
        rows = np.flatnonzero(known & (class_ids == class_id))
        if len(rows) >= LEAST_OF_CLASS:
            median = np.median(values[rows])
            # The factor makes it the standard deviation, were the values normally distributed.
            spread = 1.4826 * np.median(np.abs(values[rows] - median))
            medians[rows] = median
            deviations[rows] = (values[rows] - median) / spread if spread > 0 else 0.0
    return medians, deviations


def _graded(deviations: np.ndarray) -> np.ndarray:
    return np.clip((deviations - USUAL) / (EXTREME - USUAL), 0, 1)


def most_doubtful(labels: KeptLabels, chains: Chains, doubts: Doubts, count: int) -> np.ndarray:
    """Rows of the ``count`` most doubtful labels, the most doubtful first, int64.

    One per chain, and ``MOST_OF_VIDEO`` per video, so that one thing does not fill the list; labels without any point
    are not among them, equal ones stand in the order of their mask ids.
    """
    chosen: list[int] = []
    seen: set[int] = set()
    of_video: dict[int, int] = {}
    for row in np.lexsort((labels.mask_id, -doubts.total)):
        chain, video = int(chains.number[row]), int(labels.video[row])
        if len(chosen) == count or doubts.total[row] <= 0:
            break
        if chain not in seen and of_video.get(video, 0) < MOST_OF_VIDEO:
            chosen.append(int(row))
            seen.add(chain)
            of_video[video] = of_video.get(video, 0) + 1
    return np.array(chosen, dtype=np.int64)
