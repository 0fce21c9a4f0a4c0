import numpy as np
import pytest

from uvis_core.evaluation.average_precision import accumulate, mean_where_defined
from uvis_core.evaluation.matching import Matches


def video(scores, found, truths, ignored=None):
    found = np.array(found, dtype=bool)[None, None]
    ignored = np.zeros_like(found) if ignored is None else np.array(ignored, dtype=bool)[None, None]
    return Matches(np.array(scores, dtype=np.float64), found, ignored, np.array([truths]))


def curve(videos, max_tracks=100):
    return accumulate(videos, 1, 1, max_tracks)


def test_precision_by_hand():
    # Ranked right, wrong, right over two truths: precision 1, 1/2, 2/3 at recalls 1/2, 1/2, 1.
    # The 51 recall points up to 0.5 see 1, the 50 beyond see 2/3.
    result = curve([video([0.9, 0.8, 0.7], [True, False, True], 2)])
    assert result.precision[0, 0, :51] == pytest.approx(1.0)
    assert result.precision[0, 0, 51:] == pytest.approx(2 / 3)
    assert result.recall[0, 0] == 1.0


def test_ranks_across_videos():
    # The wrong track of the second video is the most confident of all: precision 0, 1/2, 1/3.
    result = curve([video([0.8], [True], 1), video([0.9, 0.1], [False, False], 1)])
    assert result.precision[0, 0].sum() == pytest.approx(51 * 0.5)
    assert result.recall[0, 0] == 0.5


def test_ignored_tracks_are_neither_right_nor_wrong():
    plain = curve([video([0.9, 0.7], [True, False], 1)])
    result = curve([video([0.9, 0.8, 0.7], [True, True, False], 1, ignored=[False, True, False])])
    assert np.array_equal(result.precision, plain.precision)


def test_only_the_best_tracks_of_each_video_count():
    videos = [video([0.9, 0.8], [False, True], 1), video([0.5], [True], 1)]
    assert curve(videos, max_tracks=1).recall[0, 0] == 0.5
    assert curve(videos, max_tracks=2).recall[0, 0] == 1.0


def test_truth_without_predictions_scores_zero():
    result = curve([video([], [], 3)])
    assert result.recall[0, 0] == 0.0
    assert not result.precision.any()


def test_predictions_without_truth_are_undefined():
    for result in (curve([video([0.9], [False], 0)]), curve([])):
        assert (result.precision == -1).all()
        assert (result.recall == -1).all()


def test_mean_leaves_the_undefined_out():
    assert mean_where_defined(np.array([0.0, 1.0, -1.0])) == 0.5
    assert mean_where_defined(np.array([-1.0])) == -1.0
