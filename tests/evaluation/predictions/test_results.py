import pytest

from tests.cases import annotation, box_mask, prediction, truth, video, write
from uvis_core.evaluation.predictions.results import ResultsJson
from uvis_core.io.annotations.ytvis import read_ytvis
from uvis_core.io.errors import UserError

TRACK = [box_mask(0, 0), None]


@pytest.fixture
def reader(tmp_path):
    content = truth([annotation(TRACK)], videos=[video(1), video("two")])

    def make(predictions):
        known = read_ytvis(write(tmp_path, "truth.json", content))
        return ResultsJson(write(tmp_path, "results.json", predictions), known)

    return make


def test_reads_in_the_order_of_the_file(reader):
    found = list(reader([prediction(TRACK, score=1), prediction(TRACK, video_id="two", class_id=2)]))
    assert [(p.video_id, p.class_id, p.score) for p in found] == [(1, 1, 1.0), ("two", 2, 0.9)]
    assert found[0].tube.areas_px == {0: 4}


def test_unknown_classes_and_videos_are_left_out_and_counted(reader):
    read = reader(
        [prediction(TRACK, class_id=5), prediction(TRACK, class_id=5), prediction(TRACK, video_id=9)]
    )
    assert list(read) == []
    unknown_class, unknown_video = read.warnings()
    assert "2 prediction(s) left out, class id not in the truth: 5" in unknown_class
    assert "1 prediction(s) left out, video id not in the truth: 9" in unknown_video


def test_masks_of_unknown_videos_are_not_looked_at(reader):
    assert len(list(reader([prediction(None, video_id=9), prediction(TRACK)]))) == 1


def test_empty_list_is_warned_of(reader):
    read = reader([])
    assert list(read) == []
    assert "the list of predictions is empty" in read.warnings()[0]


def test_predictions_for_another_data_set(reader):
    with pytest.raises(
        UserError, match=r"none of its 2 predictions is for a video .*such as '1', .* such as 1\)"
    ):
        list(reader([prediction(TRACK, video_id="1"), prediction(TRACK, video_id="3")]))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (prediction(TRACK, score="0.5"), "score is '0.5'"),
        (prediction(TRACK, score=None), "score is None"),
        (prediction(TRACK, video_id=None), "video_id is None"),
        (prediction(TRACK, class_id=[1]), r"category_id is \[1\]"),
        (prediction([None]), "has 1 segmentations, video 1 has 2 frames"),
        (prediction([None, {"size": [8, 6], "counts": "`1"}]), r"frame 1: the mask's size is \[8, 6\]"),
        ({"video_id": 1}, "lacks category_id, score, segmentations"),
        (["video_id"], "lacks video_id"),
    ],
)
def test_names_file_entry_and_value(reader, entry, message):
    with pytest.raises(UserError, match=message) as raised:
        list(reader([prediction(TRACK), entry]))
    assert "results.json: prediction number 1" in str(raised.value)


@pytest.mark.parametrize("score", [float("nan"), float("inf")])
def test_names_file_and_value_that_is_no_json(reader, score):
    with pytest.raises(UserError, match=r"results\.json: not valid json after 1 entries.*(NaN|Infinity)"):
        list(reader([prediction(TRACK), prediction(TRACK, score=score)]))
