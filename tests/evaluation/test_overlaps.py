import pytest

from tests.evaluation.cases import HEIGHT, WIDTH, annotation, box_mask, truth, video, write
from uvis_core.evaluation.overlaps import collect_overlaps
from uvis_core.evaluation.predictions import Prediction
from uvis_core.evaluation.truth import read_truth
from uvis_core.io.tubes import read_segmentations


@pytest.mark.parametrize("batch_bytes", [1, 10, 1 << 20])
def test_any_order_and_any_batch_give_the_same(tmp_path, batch_bytes):
    known = read_truth(
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
    found = collect_overlaps(iter(predictions), known, 0.5, batch_bytes)
    assert list(found) == [1, 2, 3]
    assert found[1].class_ids.tolist() == [2, 1, 1]
    assert found[1].scores.tolist() == [0.3, 0.6, 0.5]
    assert found[1].mean_areas_px.tolist() == [4, 4, 4]
    # Columns in the order of the classes: first the box at column 2, then the one at column 0. The box at
    # column 1 shares a third with either, which is below what any figure asks for.
    assert found[1].ious.tolist() == [[0, 1], [0, 0], [1, 0]]
    # The identity of the two tracks of 0.5 and more is followed.
    assert found[1].followed.tolist() == [1, 2]
    assert found[1].visible.tolist() == [[True, True]]
    assert found[1].frame_ious.tolist() == [[[1 / 3, 1], [1 / 3, 0]]]
    assert found[3].frame_ious.shape == (1, 0, 0)
    assert found[2].ious.shape == (1, 0)
    assert found[3].ious.shape == (0, 0)
