from functools import partial
from pathlib import Path

import pytest

from tests.cases import HEIGHT, WIDTH, annotation, box_mask, truth, video, write
from uvis_core.evaluation.predictions.by_video import compare_videos
from uvis_core.evaluation.predictions.source import Prediction, Predictions
from uvis_core.evaluation.ytvis.overlaps import OverlapComparison
from uvis_core.io.annotations.ytvis import read_ytvis
from uvis_core.io.tubes import read_segmentations


class Given(Predictions):
    together = False

    def __init__(self, truth, predictions):
        super().__init__(Path("given"), truth)
        self.predictions = predictions

    def __iter__(self):
        yield from self.predictions


class GivenTogether(Given):
    together = True


@pytest.mark.parametrize("batch_bytes", [1, 10, 1 << 20])
@pytest.mark.parametrize("together", [False, True])
def test_any_order_and_any_batch_give_the_same(tmp_path, batch_bytes, together):
    known = read_ytvis(
        write(
            tmp_path,
            "truth.json",
            truth(
                [annotation([box_mask(0, 0)], class_id=2), annotation([box_mask(0, 2)], id=2)],
                videos=[video(frames=1), video(2, frames=1), video(3, frames=1)],
            ),
        )
    )
    tubes = [read_segmentations([box_mask(0, column)], HEIGHT, WIDTH) for column in range(3)]
    predictions = [
        Prediction(1, 2, 0.3, tubes[0]),
        Prediction(2, 1, 0.9, tubes[0]),
        Prediction(1, 1, 0.6, tubes[1]),
        Prediction(1, 1, 0.5, tubes[2]),
    ]
    if together:
        predictions.sort(key=lambda each: -each.video_id)
    source = (GivenTogether if together else Given)(known, predictions)
    begin = partial(OverlapComparison, identity_floor=0.5, class_agnostic=True)
    found = compare_videos(source, known, begin, batch_bytes)
    assert list(found) == [1, 2, 3]
    assert found[1].class_ids.tolist() == [2, 1, 1]
    assert found[1].scores.tolist() == [0.3, 0.6, 0.5]
    assert found[1].mean_areas_px.tolist() == [4, 4, 4]
    # Columns in the order of the classes: first the box at column 2, then the one at column 0. The box at
    # column 1 shares a third with either, which is below what any figure asks for.
    assert found[1].ious.tolist() == [[0, 1], [0, 0], [1, 0]]
    # The identity of the two tracks of 0.5 and more is followed: one covers a truth, the other a third of either.
    (counts,) = found[1].identities
    assert (counts.truth_masks, counts.track_masks, counts.identity_matched) == (2, 2, 1)
    assert counts.matched[:7].tolist() == [2, 2, 2, 2, 2, 2, 1]
    assert found[2].ious.shape == (1, 0)
    assert found[3].ious.shape == (0, 0)
    assert found[3].identities == []
