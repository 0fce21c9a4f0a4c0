import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from uvis_core.tracks.association import align_queries, cosine_similarities, mask_ious


def test_cosines_by_hand():
    found = cosine_similarities(np.array([[1.0, 0], [1, 1]]), np.array([[2.0, 0], [0, 5], [0, 0]]))
    assert found == pytest.approx(np.array([[1, 0, 0], [0.5**0.5, 0.5**0.5, 0]]))


def test_best_sum_wins_over_best_pair():
    # Row 0 is most similar to column 0, but then row 1 would be left with a column it is opposite to.
    reference = np.array([[1.0, 0.0], [1.0, 0.2]])
    current = np.array([[1.0, 0.05], [0.2, -1.0]])
    assert align_queries(reference, current).tolist() == [1, 0]


@given(st.permutations(range(6)))
def test_undoes_any_permutation(order):
    queries = np.random.default_rng(0).normal(size=(6, 8))
    shuffled = queries[list(order)]
    assert np.array_equal(shuffled[align_queries(queries, shuffled)], queries)


@given(st.floats(0.01, 100))
def test_length_does_not_matter(scale):
    random = np.random.default_rng(1)
    first, second = random.normal(size=(2, 5, 4))
    assert np.array_equal(align_queries(first, second), align_queries(first, scale * second))


def test_agreement_is_added_to_the_similarity():
    queries = np.eye(3)
    other = np.zeros((3, 3))
    other[[0, 1], [1, 0]] = 1.5
    assert align_queries(queries, queries).tolist() == [0, 1, 2]
    assert align_queries(queries, queries, other).tolist() == [1, 0, 2]
    assert align_queries(queries, queries, 0.5 * other).tolist() == [0, 1, 2]


@given(st.integers(0, 1000), st.integers(1, 4))
def test_ious_are_those_of_whole_tubes(seed, frames):
    random = np.random.default_rng(seed)
    # Few pixels, so that some masks are empty.
    first, second = (random.random((frames, count, 2, 3)) < 0.15 for count in (4, 5))
    found = mask_ious(*(torch.from_numpy(masks).float() - 0.5 for masks in (first, second)))
    assert found.shape == (4, 5)
    for one in range(4):
        for other in range(5):
            union = (first[:, one] | second[:, other]).sum()
            shared = (first[:, one] & second[:, other]).sum()
            assert found[one, other] == (pytest.approx(shared / union) if union else 1)
