"""Scores of a run that went well, to lay others beside: the embedded example's."""

from collections.abc import Mapping

import numpy as np

REFERENCE_BINS = 50
# A run of some dozens of masks has too few for finer bins than these.
COMPARED_BINS = 10
# Shares in percent of all masks by fiftieths of 0 to 1: the labels `full` of config.yaml's training videos. To be taken
# anew (`shares_of` each of VerdictCounts.histograms) when the embedded world or its models change.
REFERENCE: Mapping[str, tuple[float, ...]] = {
    "objectness": (
        *(0.0, 0.0, 0.0, 0.0, 0.0, 1.7, 1.75, 1.53, 1.06, 1.11),
        *(0.88, 0.8, 0.75, 0.66, 0.6, 0.57, 0.53, 0.58, 0.42, 0.38),
        *(0.55, 0.36, 0.42, 0.36, 0.62, 0.36, 0.31, 0.31, 0.31, 0.31),
        *(0.33, 0.47, 0.27, 0.38, 0.47, 0.53, 0.44, 0.6, 0.58, 0.73),
        *(0.77, 1.13, 1.11, 1.17, 1.35, 2.02, 2.5, 4.32, 8.24, 55.33),
    ),
    "class_score": (
        *(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        *(0.0, 0.0, 0.0, 0.07, 0.07, 0.18, 0.38, 0.42, 0.51, 0.86),
        *(1.09, 1.29, 1.31, 1.48, 1.9, 2.01, 1.88, 1.99, 2.1, 2.08),
        *(1.92, 1.99, 2.02, 2.15, 1.99, 2.08, 1.77, 2.08, 2.02, 2.28),
        *(2.32, 2.5, 2.55, 2.74, 3.41, 3.81, 4.29, 4.85, 8.39, 25.22),
    ),
    "similarity": (
        *(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        *(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.02),
        *(0.0, 0.02, 0.0, 0.04, 0.05, 0.04, 0.04, 0.05, 0.13, 0.13),
        *(0.16, 0.31, 0.29, 0.4, 0.66, 0.88, 1.39, 2.17, 2.99, 3.59),
        *(4.38, 6.15, 6.64, 9.12, 10.23, 11.65, 12.84, 11.75, 9.67, 4.23),
    ),
}
# Of the same labels: frames without any, and objects followed over their frames that change their class, in percent.
REFERENCE_UNLABELLED, REFERENCE_MIXED = 10, 40


def shares_of(numbers: np.ndarray, bins: int = REFERENCE_BINS) -> np.ndarray:
    """A histogram as shares of its sum in fewer bins, float64 of shape (bins,); zeros where it is empty."""
    coarse = numbers.reshape(bins, -1).sum(axis=1)
    return coarse / (coarse.sum() or 1)


def reference_shares(score: str) -> np.ndarray:
    """Shares of the reference, float64 of shape (REFERENCE_BINS,), of sum 1."""
    return shares_of(np.array(REFERENCE[score]))


def overlap(numbers: np.ndarray, score: str) -> float:
    """The part of a histogram of shape (100,) that lies where the reference's does, by ``COMPARED_BINS``, 0 to 1."""
    both = shares_of(numbers, COMPARED_BINS), shares_of(reference_shares(score), COMPARED_BINS)
    return float(np.minimum(*both).sum())


def median_of(shares: np.ndarray) -> float:
    """Where half of a histogram over 0 to 1 lies below, within a bin as if its values were spread evenly."""
    below = np.concatenate([[0.0], np.cumsum(shares)])
    return float(np.interp(below[-1] / 2, below, np.linspace(0, 1, len(below))))
