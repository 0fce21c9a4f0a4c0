import numpy as np
import pytest

from uvis_core.report.counts import BINS, SCORES
from uvis_core.report.reference import (
    REFERENCE,
    REFERENCE_BINS,
    median_of,
    overlap,
    reference_shares,
    shares_of,
)


@pytest.mark.parametrize("score", SCORES)
def test_every_score_has_a_whole_distribution(score: str) -> None:
    assert len(REFERENCE[score]) == REFERENCE_BINS
    assert sum(REFERENCE[score]) == pytest.approx(100, abs=0.3)
    assert reference_shares(score).sum() == pytest.approx(1)


def test_histograms_become_shares() -> None:
    numbers = np.zeros(BINS, dtype=np.int64)
    numbers[[2, 3, 4, 99]] = 1, 1, 1, 1
    assert shares_of(numbers)[[0, 1, 2, 49]].tolist() == [0, 0.5, 0.25, 0.25]
    assert shares_of(numbers, 10)[[0, 1, 9]].tolist() == [0.75, 0, 0.25]
    assert not shares_of(np.zeros(BINS, dtype=np.int64)).any()


def test_a_run_like_the_reference_overlaps_it_fully() -> None:
    like = np.repeat(np.round(1000 * reference_shares("objectness")), BINS // REFERENCE_BINS).astype(np.int64)
    assert overlap(like, "objectness") == pytest.approx(1, abs=0.02)
    # All values in one bin of ten share that bin alone.
    alone = np.zeros(BINS, dtype=np.int64)
    alone[0] = 7
    assert overlap(alone, "objectness") == pytest.approx(reference_shares("objectness")[:5].sum())


@pytest.mark.parametrize(
    ("shares", "median"), [([1, 0], 0.25), ([0.5, 0.5], 0.5), ([0, 0, 0, 1], 0.875), ([0.25, 0.75], 2 / 3)]
)
def test_medians_by_hand(shares: list[float], median: float) -> None:
    assert median_of(np.array(shares)) == pytest.approx(median)
