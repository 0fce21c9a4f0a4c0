import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from uvis_core.evaluation.incremental_matching import raising_labels

GRAPHS = st.lists(st.sets(st.integers(0, 5)).map(sorted), max_size=8)


def test_second_label_on_a_truth_raises_nothing():
    assert raising_labels([3, 1, 2], {1: (0,), 3: (0,)}) == [3]


def test_earlier_label_moves_over_to_make_room():
    # 0 takes truth 0, then 1, which covers only that one, sends it to truth 1; nothing is left for 2.
    assert raising_labels([0, 1, 2], {0: (0, 1), 1: (0,), 2: (0, 1)}) == [0, 1]


def test_room_is_found_along_a_chain():
    assert raising_labels([0, 1, 2], {0: (0, 1), 1: (1, 2), 2: (0,)}) == [0, 1, 2]
    assert raising_labels([2, 1, 0], {0: (0,), 1: (0, 1), 2: (1, 2)}) == [2, 1, 0]


@given(GRAPHS, st.randoms(use_true_random=False))
def test_every_beginning_of_the_order_has_its_largest_matching(graph, random):
    order = list(range(len(graph)))
    random.shuffle(order)
    raising = raising_labels(order, {label: truths for label, truths in enumerate(graph) if truths})
    for end in range(len(order) + 1):
        adjacency = np.zeros((end, 6))
        for row, label in enumerate(order[:end]):
            adjacency[row, graph[label]] = 1
        pairs = maximum_bipartite_matching(csr_matrix(adjacency), perm_type="column") if end else np.zeros(0)
        largest = np.count_nonzero(pairs >= 0) if end else 0
        assert len(set(raising) & set(order[:end])) == largest
