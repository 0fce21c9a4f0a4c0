import numpy as np
import pytest
import scipy.linalg
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from uvis_core.masks.normalised_cut import second_eigenvectors


def dense(affinity, alive):
    """Both smallest non-trivial values and the vector of the first, by the dense solver."""
    inside = affinity[np.ix_(alive, alive)].astype(np.float64)
    degrees = np.diag(inside.sum(axis=1))
    values, vectors = scipy.linalg.eigh(degrees - inside, degrees, subset_by_index=[1, 2])
    full = np.zeros(len(alive))
    full[alive] = vectors[:, 0] / np.linalg.norm(vectors[:, 0])
    return values, full


@st.composite
def graphs(draw):
    """Clusters of points, linked fully or not as in a thresholded affinity, or by degrees."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    count = draw(st.integers(8, 60))
    places = rng.normal(size=(count, 3)) + 2 * rng.integers(0, 3, size=(count, 1))
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    smooth = np.exp(-(distances**2) / 4)
    affinity = np.where(distances < 2, 1.0, 0.0) * smooth if draw(st.booleans()) else smooth
    alive = rng.random(count) < 0.8
    alive[:4] = True
    return np.maximum(affinity, 1e-5).astype(np.float32), alive


@given(graphs())
# The same graphs in every run.
@settings(max_examples=60, deadline=None, derandomize=True)
def test_agrees_with_the_dense_solver(graph):
    affinity, alive = graph
    values, vector = dense(affinity, alive)
    cut = second_eigenvectors(torch.from_numpy(affinity)[None], torch.from_numpy(alive)[None])
    found = cut.vectors[0].double().numpy()
    assert cut.values[0] == pytest.approx(values[0], abs=1e-4)
    assert (found[~alive] == 0).all()
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5)
    # Where the next eigenvalue is all but the same, any mixture of both vectors is as good.
    if values[1] - values[0] > 1e-2:
        assert abs(found @ vector) == pytest.approx(1, abs=1e-4)


def two_blocks(sizes, between=1e-3):
    count = sum(sizes)
    affinity = np.full((count, count), between, np.float32)
    affinity[: sizes[0], : sizes[0]] = affinity[sizes[0] :, sizes[0] :] = 1
    return torch.from_numpy(affinity)


def test_two_blocks_fall_apart():
    vector = second_eigenvectors(two_blocks((6, 10))[None], torch.ones(1, 16, dtype=torch.bool)).vectors[0]
    assert (vector[:6] > 0).all()
    assert (vector[6:] < 0).all()


def test_a_graph_does_not_depend_on_its_batch():
    alive = torch.ones(2, 16, dtype=torch.bool)
    alive[1, 3] = False
    both = torch.stack([two_blocks((6, 10)), two_blocks((12, 4), 0.2)])
    together = second_eigenvectors(both, alive)
    for index in range(2):
        alone = second_eigenvectors(both[index : index + 1], alive[index : index + 1])
        torch.testing.assert_close(alone.vectors[0], together.vectors[index])
        torch.testing.assert_close(alone.values[0], together.values[index])


def test_equal_inputs_give_equal_bits():
    affinity, alive = two_blocks((7, 9), 0.1)[None], torch.ones(1, 16, dtype=torch.bool)
    assert torch.equal(
        second_eigenvectors(affinity, alive).vectors, second_eigenvectors(affinity, alive).vectors
    )


def test_two_nodes_have_no_cut_worth_the_name():
    alive = torch.zeros(1, 16, dtype=torch.bool)
    alive[0, [2, 11]] = True
    vector = second_eigenvectors(two_blocks((6, 10))[None], alive).vectors[0]
    assert torch.isfinite(vector).all()
    assert (vector[~alive[0]] == 0).all()
