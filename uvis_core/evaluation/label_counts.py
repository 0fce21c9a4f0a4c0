"""Labels and right labels of every class, over falling thresholds of one score.

A label is right if it is matched to a true mask of its class in its frame at an IoU above 0.5. Labels are a set
and are not ranked, so the matching is the largest possible one, one to one, rather than greedy by score: it
depends on nothing but which labels are there. (Where true masks do not overlap, no label covers two of them by
more than half, and both ways agree.) A looser threshold only adds labels, and an added label adds one pair or
none. So labels are added once from the highest score down, those that add a pair are noted, and the number of
right labels at any threshold is the number of noted ones that pass it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from uvis_core.evaluation.average_precision import mean_where_defined
from uvis_core.evaluation.incremental_matching import raising_labels
from uvis_core.evaluation.label_candidates import LabelCandidates

UNDEFINED = -1.0


@dataclass(frozen=True)
class LabelCounts:
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
) -> LabelCounts:
    """Count at every threshold the labels that are allowed and reach it.

    Args:
        candidates: N crops.
        class_ids: The C classes.
        allowed: Crops that may be labels, bool of shape (N,).
        levels: What is compared with the thresholds, of shape (N,).
        thresholds: K thresholds in the precision of ``levels``.
    """
    rows = np.flatnonzero(allowed & ~candidates.crowded)
    falling = rows[np.argsort(-levels[rows], kind="stable")]
    right = np.array(raising_labels(falling.tolist(), candidates.covers), dtype=np.int64)
    truths = np.array([[candidates.truths.get(class_id, 0)] for class_id in class_ids])

    def passing(some: np.ndarray) -> np.ndarray:
        by_class = (np.sort(levels[some[candidates.class_ids[some] == class_id]]) for class_id in class_ids)
        return np.stack([len(rising) - np.searchsorted(rising, thresholds) for rising in by_class])

    return LabelCounts(passing(rows), passing(right), truths)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(part.shape, UNDEFINED), where=whole > 0)
