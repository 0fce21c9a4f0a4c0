import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uvis_core.tracks.association import align_queries
from uvis_core.tracks.memory import TrackingMemory

SEEDS = st.integers(0, 10_000)


def video(seed, frames=7, queries=5, width=4):
    return np.random.default_rng(seed).normal(size=(frames, queries, width)).astype(np.float32)


def test_first_frame_keeps_its_order():
    memory = TrackingMemory(0.5)
    queries = video(0)[0]
    assert memory.align(queries).tolist() == [0, 1, 2, 3, 4]
    assert np.array_equal(memory.reference, queries)


@given(SEEDS)
def test_weight_one_is_minvis(seed):
    memory = TrackingMemory(1.0)
    last = None
    for queries in video(seed):
        order = memory.align(queries)
        expected = np.arange(5) if last is None else align_queries(last, queries.astype(np.float64))
        assert np.array_equal(order, expected)
        last = queries[order].astype(np.float64)
        assert np.array_equal(memory.reference, last)


@given(SEEDS, st.floats(0, 1))
def test_running_mean_is_the_batch_mean(seed, weight):
    memory = TrackingMemory(weight)
    aligned = [queries[memory.align(queries)] for queries in video(seed)]
    assert memory.mean == pytest.approx(np.mean(aligned, axis=0, dtype=np.float64), abs=1e-12)


@given(SEEDS)
def test_reference_follows_the_equations(seed):
    memory = TrackingMemory(0.3)
    aligned = []
    for queries in video(seed):
        aligned.append(queries[memory.align(queries)].astype(np.float64))
        if len(aligned) > 1:
            expected = 0.3 * aligned[-1] + 0.7 * np.mean(aligned[:-1], axis=0)
            assert memory.reference == pytest.approx(expected, abs=1e-12)


def test_memory_brings_back_what_was_hidden():
    # Query 0 sees its object in frames 1 to 3, noise while it is hidden, and finds it again on another query.
    # Frame-to-frame matching then follows the noise; the mean of earlier frames still knows the object.
    a, b, noise = np.eye(3)
    frames = [[a, b], [a, b], [a, b], [noise, b], [0.6 * noise + 0.4 * b, a]]
    ends = {}
    for weight in (0.2, 1.0):
        memory = TrackingMemory(weight)
        for queries in frames:
            order = memory.align(np.array(queries))
        ends[weight] = order.tolist()
    assert ends[0.2] == [1, 0]
    assert ends[1.0] == [0, 1]
