"""Scores of a run that went well, to lay others beside: the embedded example's."""

from collections.abc import Mapping

import numpy as np

REFERENCE_BINS = 20
# Shares in percent of all masks by twentieths of 0 to 1: the labels `full` of config.yaml's training videos. To be
# taken anew (`shares_of` of each of VerdictCounts.histograms) when the embedded world or its models change.
REFERENCE: Mapping[str, tuple[float, ...]] = {
    "objectness": (5.0,) * 20,
    "class_score": (5.0,) * 20,
    "similarity": (5.0,) * 20,
}


def shares_of(numbers: np.ndarray) -> np.ndarray:
    """A histogram of shape (100,) as shares of its sum in ``REFERENCE_BINS`` bins, float64; zeros where it is empty."""
    coarse = numbers.reshape(REFERENCE_BINS, -1).sum(axis=1)
    return coarse / max(int(coarse.sum()), 1)


def reference_shares(score: str) -> np.ndarray:
    """Shares of the reference, float64 of shape (REFERENCE_BINS,), of sum 1."""
    shares = np.array(REFERENCE[score])
    return shares / shares.sum()


def overlap(numbers: np.ndarray, score: str) -> float:
    """The part of a histogram of shape (100,) that lies where the reference's does, 0 to 1."""
    return float(np.minimum(shares_of(numbers), reference_shares(score)).sum())


def median_of(shares: np.ndarray) -> float:
    """Where half of a histogram over 0 to 1 lies below, within a bin as if its values were spread evenly."""
    below = np.concatenate([[0.0], np.cumsum(shares)])
    return float(np.interp(below[-1] / 2, below, np.linspace(0, 1, len(below))))
