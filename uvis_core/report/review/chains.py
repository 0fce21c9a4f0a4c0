"""Labels of the same object in neighbouring frames, found by their boxes alone."""

from dataclasses import dataclass

import numpy as np

from uvis_core.report.review.sample import KeptLabels

SAME_OBJECT_IOU = 0.3
# One frame in which the object was not found does not end its chain.
MOST_STEPS = 2
LEAST_LENGTH = 3


@dataclass(frozen=True)
class Chains:
    """What the neighbours of N labels say.

    Attributes:
        number: int64 (N,), the chain of each label.
        length: int64 (N,), number of labels in its chain.
        common: int32 (N,), the class that has the largest sum of class scores in its chain.
        others_agree: int64 (N,), how many of the chain's other labels have the label's class.
    """

    number: np.ndarray
    length: np.ndarray
    common: np.ndarray
    others_agree: np.ndarray

    @property
    def followed(self) -> np.ndarray:
        """Whether the chain is long enough for its neighbours to say something, bool (N,)."""
        return self.length >= LEAST_LENGTH

    def mixed(self) -> tuple[int, int]:
        """How many of the chains that are long enough have more than one class, and how many there are."""
        mixed = self.number[self.followed & (self.others_agree + 1 < self.length)]
        return len(np.unique(mixed)), len(np.unique(self.number[self.followed]))


def chain_labels(labels: KeptLabels) -> Chains:
    """Link each label to the one of the frames before whose box overlaps most, where both prefer each other.

    Boxes of an IoU below ``SAME_OBJECT_IOU`` are not linked, and no more than ``MOST_STEPS`` frames are bridged.
    """
    number = _link(labels)
    chains, where, length = np.unique(number, return_inverse=True, return_counts=True)
    pairs, pair, own = np.unique(
        np.stack([where, labels.class_id.astype(np.int64)]), axis=1, return_inverse=True, return_counts=True
    )
    weights = np.bincount(pair.reshape(-1), weights=labels.class_score, minlength=pairs.shape[1])
    # By chain, the heaviest class last; of equal ones the larger id.
    heaviest = np.lexsort((pairs[1], weights, pairs[0]))
    ends = np.append(np.diff(pairs[0][heaviest]) > 0, np.ones(min(1, len(chains)), dtype=bool))
    common = pairs[1][heaviest][ends].astype(np.int32)
    return Chains(where, length[where], common[where], own[pair.reshape(-1)] - 1)


def _link(labels: KeptLabels) -> np.ndarray:
    """A number per label, the same within a chain, int64 (N,)."""
    number = np.arange(len(labels), dtype=np.int64)
    changes = (np.diff(labels.video) != 0) | (np.diff(labels.frame) != 0)
    frames = [piece for piece in np.split(number, np.flatnonzero(changes) + 1) if len(piece)]
    chain = number.copy()
    open_ends: list[np.ndarray] = []
    for rows in frames:
        near = [
            ends
            for ends in open_ends
            if len(ends)
            and labels.video[ends[0]] == labels.video[rows[0]]
            and labels.frame[rows[0]] - labels.frame[ends[0]] <= MOST_STEPS
        ]
        free: np.ndarray = rows
        kept: list[np.ndarray] = []
        # The frame right before comes first; what it does not explain may go on from the one before that.
        for ends in reversed(near):
            earlier, later = _mutual(labels.box[ends], labels.box[free])
            chain[free[later]] = chain[ends[earlier]]
            kept.insert(0, np.delete(ends, earlier))
            free = np.delete(free, later)
        open_ends = [*kept, rows][-MOST_STEPS:]
    return chain


def _mutual(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the boxes (N, 4) and (M, 4) that overlap each other most, and enough."""
    if not len(before) or not len(after):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    iou = box_ious(before, after)
    best = iou.argmax(axis=1)
    rows = np.arange(len(before))
    found = (iou.argmax(axis=0)[best] == rows) & (iou[rows, best] >= SAME_OBJECT_IOU)
    return rows[found], best[found]


def box_ious(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Overlaps of boxes (N, 4) and (M, 4), given as x0, y0, x1, y1: float (N, M); boxes without area have none."""
    least, most = np.maximum(some[:, None, :2], others[:, :2]), np.minimum(some[:, None, 2:], others[:, 2:])
    shared = np.prod(np.clip(most - least, 0, None), axis=2)
    areas = [np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1) for boxes in (some, others)]
    union = areas[0][:, None] + areas[1] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
