import numpy as np
import pytest

from uvis_core.explorer.distributions import BINS, density_valley, histograms
from uvis_core.explorer.rows import Rows


def heaps(*centres: float, width: float = 0.05, weights: tuple[int, ...] = (1000, 1000)) -> np.ndarray:
    x = (np.arange(BINS) + 0.5) / BINS
    densities = [
        weight * np.exp(-(((x - one) / width) ** 2)) for one, weight in zip(centres, weights, strict=False)
    ]
    return np.sum(densities, axis=0).astype(np.int64)


def test_the_valley_lies_between_two_heaps() -> None:
    assert density_valley(heaps(0.3, 0.7)) == pytest.approx(0.5, abs=0.03)
    assert density_valley(heaps(0.0, 0.8, weights=(3000, 500))) == pytest.approx(0.4, abs=0.25)


@pytest.mark.parametrize("counts", [heaps(0.5), heaps(1.0), heaps(0.45, 0.5), np.zeros(BINS, np.int64)])
def test_one_heap_has_no_valley(counts: np.ndarray) -> None:
    assert density_valley(counts) is None


def test_noise_is_no_valley() -> None:
    noise = np.random.default_rng(0).poisson(heaps(0.6, width=0.2, weights=(400,)))
    assert density_valley(noise) is None


def test_histograms_count_every_crop_once(rows: Rows) -> None:
    found = histograms(rows)
    for score, counts in found.items():
        assert counts.sum(axis=1).tolist() == np.diff(rows.bounds).tolist()
        values = rows.scores[score]
        assert counts[:, :50].sum() == np.count_nonzero(values < 0.5)
