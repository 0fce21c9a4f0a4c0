import numpy as np
import pytest

from uvis_core.explorer.chains import (
    UNKNOWN,
    Chains,
    agreement,
    box_ious,
    chain_disagreement,
    chain_videos,
    link_boxes,
    read_boxes,
    sampled_videos,
)
from uvis_core.explorer.rows import Rows
from uvis_core.explorer.run import RunFolder


def test_boxes_are_linked_one_to_one_and_the_best_first() -> None:
    boxes = np.array(
        [[0, 0, 10, 10], [20, 0, 30, 10], [1, 0, 11, 10], [2, 0, 12, 10], [50, 50, 60, 60], [1, 0, 11, 10]],
        np.float32,
    )
    frames = np.array([0, 0, 1, 1, 1, 2])
    # Of two boxes on the first one's place the better goes on; a lone one and the next video begin anew.
    assert link_boxes(boxes, np.zeros(6, int), frames).tolist() == [0, 1, 0, 2, 3, 0]
    assert link_boxes(boxes, np.array([0, 0, 0, 0, 0, 1]), frames).tolist() == [0, 1, 0, 2, 3, 4]
    assert link_boxes(boxes[:0], np.zeros(0, int), np.zeros(0, int)).tolist() == []


def test_ious_of_boxes() -> None:
    first = np.array([[0, 0, 2, 2], [0, 0, 0, 0]], np.float32)
    second = np.array([[1, 0, 3, 2], [5, 5, 6, 6], [0, 0, 0, 0]], np.float32)
    np.testing.assert_allclose(box_ious(first, second), [[1 / 3, 0, 0], [0, 0, 0]])


def test_disagreement_is_the_share_of_the_others() -> None:
    found = chain_disagreement(np.array([0, 0, 0, 1, 2, 2]), np.array([5, 5, 6, 5, 5, 6]))
    np.testing.assert_allclose(found, [0.5, 0.5, 1.0, UNKNOWN, 1.0, 1.0])
    assert len(chain_disagreement(np.zeros(0, int), np.zeros(0, int))) == 0


def test_made_up_objects_are_followed_through_their_videos(run: RunFolder, rows: Rows) -> None:
    found = chain_videos(rows, run.splits["train"], sampled_videos(rows))
    assert (found.rows == np.arange(len(rows))).all()
    tops = read_boxes(rows, run.splits["train"], found.rows)[:, 1]
    for row in (0, 40, 100):
        chain = found.of_row(row)
        assert len(chain) == 10
        assert len(set(rows.videos[chain])) == 1
        assert len(set(tops[chain])) == 1
        assert sorted(rows.frame_indices[chain]) == list(range(10))
        others = rows.classes(np.setdiff1d(chain, row)) != rows.classes(np.array([row]))
        assert found.disagreement[row] == pytest.approx(others.mean())


def test_a_row_of_a_video_that_was_not_drawn_stands_alone(run: RunFolder, rows: Rows) -> None:
    found = chain_videos(rows, run.splits["train"], np.array([0]))
    other = int(np.flatnonzero(rows.videos == 1)[0])
    assert found.of_row(other).tolist() == [other]
    assert (found.videos, found.all_videos) == (1, 4)


def test_agreement_above_a_threshold(rows: Rows) -> None:
    some = np.arange(6)
    chains = Chains(some, some, np.array([0, 0.5, 1, UNKNOWN, 0.25, 0.75], np.float32), 1, 1)
    values = rows.scores["similarity"][some].astype(float)
    for place in (None, 0):
        thresholds, found = agreement(chains, rows, "similarity", place)
        for threshold, mean in zip(thresholds, found, strict=True):
            passing = (values >= threshold) & (chains.disagreement >= 0)
            expected = (1 - chains.disagreement[passing]).mean() if passing.any() else np.nan
            np.testing.assert_allclose(mean, expected, rtol=1e-6)
    assert np.isnan(agreement(chains, rows, "similarity", 2)[1]).all()
