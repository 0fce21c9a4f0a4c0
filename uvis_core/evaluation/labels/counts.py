"""Labels and right labels of every class, over falling thresholds of one score.

A label is right if it is matched to a true mask of its class in its frame at an IoU above 0.5. Labels are a set
and are not ranked, so the matching is the largest possible one, one to one, rather than greedy by score: it
depends on nothing but which labels are there. (Where true masks do not overlap, no label covers two of them by
more than half, and both ways agree.) A looser threshold only adds labels, and an added label adds one pair or
none. So labels are added once from the highest score down, those that add a pair are noted, and the number of
right labels at any threshold is the number of noted ones that pass it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from uvis_core.evaluation.labels.candidates import LabelCandidates
from uvis_core.evaluation.ytvis.curves import mean_where_defined

UNDEFINED = -1.0


@dataclass(frozen=True)
class ThresholdCounts:
    """Numbers of C classes at K thresholds.

    Attributes:
        labels: Labels that pass, int64 of shape (C, K).
        right: Those of them that are matched to a true mask, int64 of shape (C, K).
        truths: True masks, int64 of shape (C, 1).
    """

    labels: np.ndarray
    right: np.ndarray
    truths: np.ndarray

    def class_shares(self) -> dict[str, np.ndarray]:
        """F1, precision and recall, float64 of shape (C, K); -1 for a share of nothing, F1 without truth."""
        both = np.where(self.truths > 0, self.labels + self.truths, 0)
        return {
            "F1": _share(2 * self.right, both),
            "precision": _share(self.right, self.labels),
            "recall": _share(self.right, np.broadcast_to(self.truths, self.right.shape)),
        }

    def shares(self) -> dict[str, np.ndarray]:
        """The mean F1 of the classes that have truth, mF1; precision, recall and number of all labels.

        Each of shape (K,).
        """
        right, labels = self.right.sum(axis=0), self.labels.sum(axis=0)
        return {
            "mF1": np.array([mean_where_defined(column) for column in self.class_shares()["F1"].T]),
            "precision": _share(right, labels),
            "recall": _share(right, np.full(len(right), self.truths.sum())),
            "labels": labels,
        }

    def class_rows(self, names: Mapping[int, str]) -> list[dict[str, Any]]:
        """Everything about every class at the first threshold; ``names`` by class id, in order."""
        shares = self.class_shares()
        return [
            {
                "class_id": class_id,
                "name": name,
                **{key: values[index, 0].item() for key, values in shares.items()},
                "labels": self.labels[index, 0].item(),
                "right": self.right[index, 0].item(),
                "truths": self.truths[index, 0].item(),
            }
            for index, (class_id, name) in enumerate(names.items())
        ]


def count_labels(
    candidates: LabelCandidates,
    class_ids: Sequence[int],
    allowed: np.ndarray,
    levels: np.ndarray,
    thresholds: np.ndarray,
) -> np.ndarray:
    """Count at every threshold the labels that are allowed and reach it; numbers of several shards add up.

    Args:
        candidates: N crops.
        class_ids: The C classes.
        allowed: Crops that may be labels, bool of shape (N,).
        levels: What is compared with the thresholds, of shape (N,).
        thresholds: K thresholds in the precision of ``levels``.

    Returns:
        Labels that pass, and those of them that are matched to a true mask, int64 of shape (2, C, K).
    """
    rows = np.flatnonzero(allowed & ~candidates.crowded)
    falling = rows[np.argsort(-levels[rows], kind="stable")]
    right = np.array(raising_labels(falling.tolist(), candidates.covers), dtype=np.int64)

    def passing(some: np.ndarray) -> np.ndarray:
        by_class = (np.sort(levels[some[candidates.class_ids[some] == class_id]]) for class_id in class_ids)
        return np.stack([len(rising) - np.searchsorted(rising, thresholds) for rising in by_class])

    return np.stack([passing(rows), passing(right)])


def raising_labels(order: Iterable[int], covers: Mapping[int, Sequence[int]]) -> list[int]:
    """Find the labels that raise the largest possible number of pairs when they are added.

    A label and a truth that it covers may be a pair, and each belongs to one pair at most. Adding a label
    raises the largest number of pairs by one or not at all, and adding never lowers it (Kuhn's augmenting
    paths). So for every beginning of ``order``, the largest number of pairs of the labels in it is the number
    of the returned labels in it.

    Args:
        order: Labels in the order in which they are added, each once.
        covers: The truths that a label covers; labels that are not in it cover none.

    Returns:
        The labels that raised the number, in their order.
    """
    holders: dict[int, int] = {}
    return [label for label in order if label in covers and _place(label, covers, holders, set())]


def _place(label: int, covers: Mapping[int, Sequence[int]], holders: dict[int, int], tried: set[int]) -> bool:
    """Give the label a truth, moving earlier labels to other truths where that makes room."""
    for truth in covers[label]:
        if truth not in tried:
            tried.add(truth)
            if truth not in holders or _place(holders[truth], covers, holders, tried):
                holders[truth] = label
                return True
    return False


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(part.shape, UNDEFINED), where=whole > 0)
