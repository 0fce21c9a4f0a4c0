import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from uvis_core.evaluation.labels.candidates import LabelCandidates
from uvis_core.evaluation.labels.counts import ThresholdCounts, count_labels, raising_labels


def made(class_ids, covers, crowded=None) -> LabelCandidates:
    count = len(class_ids)
    return LabelCandidates(
        class_ids=np.array(class_ids, dtype=np.int64),
        scores={},
        area_share=np.ones(count),
        kept=np.ones(count, dtype=bool),
        by_hand=np.zeros(count, dtype=bool),
        crowded=np.array(crowded or [False] * count, dtype=bool),
        covers=covers,
    )


def counted(candidates, truths, levels, thresholds, class_ids=(1, 2)):
    allowed = np.ones(len(levels), dtype=bool)
    found = count_labels(candidates, class_ids, allowed, np.array(levels), np.array(thresholds))
    return ThresholdCounts(*found, np.array([[truths.get(class_id, 0)] for class_id in class_ids]))


def test_counts_and_shares_by_hand():
    # Class 1: two labels on one of two truths, one on nothing; class 2: one truth, no label before 0.1.
    candidates = made([1, 1, 1, 2], {0: (0,), 1: (0,), 3: (9,)})
    counts = counted(candidates, {1: 2, 2: 1}, [0.9, 0.5, 0.7, 0.1], [0.1, 0.5, 0.8, 1.0])
    assert counts.labels.tolist() == [[3, 3, 1, 0], [1, 0, 0, 0]]
    assert counts.right.tolist() == [[1, 1, 1, 0], [1, 0, 0, 0]]
    shares = counts.class_shares()
    np.testing.assert_allclose(shares["F1"], [[2 / 5, 2 / 5, 2 / 3, 0], [1, 0, 0, 0]])
    np.testing.assert_allclose(shares["precision"], [[1 / 3, 1 / 3, 1, -1], [1, -1, -1, -1]])
    np.testing.assert_allclose(shares["recall"], [[1 / 2, 1 / 2, 1 / 2, 0], [1, 0, 0, 0]])
    together = counts.shares()
    np.testing.assert_allclose(together["mF1"], [0.7, 0.2, 1 / 3, 0])
    np.testing.assert_allclose(together["precision"], [2 / 4, 1 / 3, 1, -1])
    np.testing.assert_allclose(together["recall"], [2 / 3, 1 / 3, 1 / 3, 0])


def test_class_without_truth_counts_in_precision_only():
    counts = counted(made([1, 2], {0: (0,)}), {1: 1}, [0.9, 0.9], [0.5])
    assert counts.class_rows({1: "star", 2: "ring"})[1] == {
        "class_id": 2,
        "name": "ring",
        "F1": -1.0,
        "precision": 0.0,
        "recall": -1.0,
        "labels": 1,
        "right": 0,
        "truths": 0,
    }
    assert {name: values[0] for name, values in counts.shares().items()} == {
        "mF1": 1.0,
        "precision": 0.5,
        "recall": 1.0,
        "labels": 2,
    }


def test_labels_in_a_crowd_are_left_out():
    counts = counted(made([1, 1], {0: (0,)}, crowded=[False, True]), {1: 1}, [0.9, 0.9], [0.5])
    assert counts.labels.tolist() == [[1], [0]]


@given(st.data())
def test_one_pass_equals_counting_at_every_threshold(data):
    count = data.draw(st.integers(1, 7))
    truth = st.sets(st.integers(0, 3)).map(lambda found: tuple(sorted(found)))
    covers = {label: truths for label in range(count) if (truths := data.draw(truth))}
    levels = np.array(
        data.draw(st.lists(st.sampled_from([0.1, 0.4, 0.4, 0.8]), min_size=count, max_size=count))
    )
    allowed = np.array(data.draw(st.lists(st.booleans(), min_size=count, max_size=count)))
    candidates = made([1] * count, covers)
    grid = np.array([0.0, 0.1, 0.2, 0.4, 0.8, 0.9])
    swept = count_labels(candidates, [1], allowed, levels, grid)
    for column, threshold in enumerate(grid):
        passed = allowed & (levels >= threshold)
        # No order at all: all that pass come at once.
        alone = count_labels(candidates, [1], passed, np.zeros(count), np.zeros(1))
        assert swept[0, 0, column] == alone[0, 0, 0] == passed.sum()
        assert swept[1, 0, column] == alone[1, 0, 0]


@pytest.mark.parametrize("class_ids", [(1,), (1, 2)])
def test_no_labels_at_all(class_ids):
    counts = counted(made([], {}), {1: 1}, [], [0.5], class_ids)
    assert counts.shares()["mF1"].tolist() == [0.0]
    assert counts.shares()["precision"].tolist() == [-1.0]


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
