import json

import pytest

from tests.cases import annotation, box_mask, prediction, truth, video, write
from tests.conftest import GOLDENS
from uvis_core.config.evaluation import EvaluationSettings
from uvis_core.evaluation.evaluate import average_precision, evaluate_tracks
from uvis_core.io.errors import UserError

CASES = ("case-1-small", "case-2-large-areas", "case-3-unknown-category", "case-4-ovis")
LEFT = [box_mask(0, 0), box_mask(0, 0)]
RIGHT = [box_mask(0, 5), box_mask(0, 5)]


@pytest.mark.parametrize("mode", ["class_aware", "class_agnostic"])
@pytest.mark.parametrize("case", CASES)
def test_equals_the_official_figures(case, mode):
    folder = GOLDENS / "ytvis_eval" / case
    expected = json.loads((folder / "expected.json").read_text())
    settings = EvaluationSettings(protocol=expected["protocol"], class_agnostic=mode == "class_agnostic")
    figures = evaluate_tracks(folder / "ground_truth.json", [folder / "predictions.json"], settings)
    assert {name: figures[name] for name in expected[mode]} == pytest.approx(expected[mode], abs=1e-9, rel=0)
    alone = average_precision(folder / "ground_truth.json", [folder / "predictions.json"], settings)
    assert alone.keys() == expected[mode].keys() | {"protocol", "class_agnostic", "counts", "warnings"}
    assert alone == {name: figures[name] for name in alone}


def test_davis_has_no_average_precision(tmp_path):
    with pytest.raises(UserError, match="protocol davis"):
        average_precision(tmp_path, [tmp_path / "results.json"], EvaluationSettings(protocol="davis"))


@pytest.fixture
def evaluate(tmp_path):
    def run(annotations, predictions, *, videos=None, classes=(1, 2), **settings):
        return evaluate_tracks(
            write(tmp_path, "truth.json", truth(annotations, videos=videos, classes=classes)),
            [write(tmp_path, "results.json", predictions)],
            EvaluationSettings(**settings),
        )

    return run


def test_perfect_predictions(evaluate):
    figures = evaluate([annotation(LEFT)], [prediction(LEFT)])
    assert figures["AP"] == pytest.approx(1.0)
    assert figures["APs"] == pytest.approx(1.0)
    assert figures["APm"] == -1.0
    assert figures["AR1"] == 1.0
    assert figures["confusion"]["matrix"] == [[1, 0], [0, 0]]
    assert figures["per_video"] == [{"video_id": 1, "truths": 1, "predictions": 1, "mean_iou": 1.0}]
    assert figures["warnings"] == []
    assert len(figures["precision_recall"]["recall"]) == 101
    assert figures["precision_recall"]["precision_mean"] == pytest.approx([1.0] * 101)


def test_overlap_of_two_thirds_by_hand(evaluate):
    # 8 of 12 pixels over both frames: right at IoU 0.5, 0.55, 0.6, 0.65, wrong at the other six thresholds.
    wide = [box_mask(0, 0, 2, 3)] * 2
    figures = evaluate([annotation(LEFT)], [prediction(wide)])
    assert figures["AP"] == pytest.approx(0.4)
    assert figures["AP50"] == pytest.approx(1.0)
    assert figures["AP75"] == 0.0


def test_empty_predictions_score_zero(evaluate):
    figures = evaluate([annotation(LEFT)], [])
    assert (figures["AP"], figures["AR100"], figures["APs"], figures["APl"]) == (0.0, 0.0, 0.0, -1.0)
    assert "the list of predictions is empty" in figures["warnings"][0]


def test_truth_without_objects_is_undefined(evaluate):
    figures = evaluate([], [prediction(LEFT)])
    assert figures["AP"] == -1.0
    assert figures["precision_recall"]["precision_mean"] == []


def test_id_zero_is_found_like_any_other(evaluate):
    assert evaluate([annotation(LEFT, id=0)], [prediction(LEFT)])["AP"] == pytest.approx(1.0)


def test_repeated_ids_are_separate_objects(evaluate):
    figures = evaluate([annotation(LEFT), annotation(RIGHT)], [prediction(LEFT), prediction(RIGHT)])
    assert figures["AP"] == pytest.approx(1.0)
    assert "repeat an id" in figures["warnings"][0]


@pytest.mark.parametrize("class_agnostic", [False, True])
def test_unknown_classes_are_left_out_in_both_modes(evaluate, class_agnostic):
    figures = evaluate(
        [annotation(LEFT)],
        [prediction(LEFT, class_id=77), prediction(LEFT, score=0.1)],
        class_agnostic=class_agnostic,
    )
    assert figures["AP"] == pytest.approx(1.0)
    assert figures["counts"]["predictions_of_unknown_class"] == 1
    assert "77" in figures["warnings"][0]


def test_classes_do_not_count_when_class_agnostic(evaluate):
    case = ([annotation(LEFT)], [prediction(LEFT, class_id=2)])
    assert evaluate(*case)["AP"] == 0.0
    assert evaluate(*case, class_agnostic=True)["AP"] == pytest.approx(1.0)


def test_crowds_are_neither_missed_nor_wrong(evaluate):
    figures = evaluate(
        [annotation(LEFT), annotation(RIGHT, id=2, iscrowd=1)],
        [prediction(RIGHT, score=0.95), prediction(RIGHT, score=0.94), prediction(LEFT)],
    )
    assert figures["AP"] == pytest.approx(1.0)
    assert figures["counts"]["truths"] == 1
    assert figures["counts"]["crowd_truths"] == 1


def test_a_track_that_is_never_visible(evaluate):
    figures = evaluate([annotation(LEFT)], [prediction([None, None], score=0.95), prediction(LEFT)])
    # It is a wrong track before the right one: precision 1/2 everywhere.
    assert figures["AP"] == pytest.approx(0.5)


def test_areas_of_the_file_choose_the_bin(evaluate):
    figures = evaluate([annotation(LEFT, areas=[90000.0, 70000.0])], [prediction(LEFT)])
    assert figures["APl"] == pytest.approx(1.0)
    assert figures["APs"] == -1.0


def test_occlusion_bins(evaluate):
    figures = evaluate(
        [
            annotation(LEFT, occlusion=["severe_occlusion", "no_occlusion"]),
            annotation(RIGHT, id=2, occlusion=["no_occlusion", "no_occlusion"]),
        ],
        [prediction(LEFT)],
        protocol="ovis",
    )
    assert (figures["AR_light"], figures["AR_medium"], figures["AR_heavy"]) == (0.0, -1.0, 1.0)


def test_per_class_rows(evaluate):
    figures = evaluate(
        [annotation(LEFT), annotation(RIGHT, id=2, class_id=2)],
        [prediction(LEFT), prediction(LEFT, class_id=2), prediction(LEFT, class_id=3)],
        classes=(1, 2, 3),
    )
    rows = {row["class_id"]: row for row in figures["per_class"]}
    assert rows[1] == {
        "class_id": 1,
        "name": "class 1",
        "AP": pytest.approx(1.0),
        "AP50": pytest.approx(1.0),
        "AR10": 1.0,
        "truths": 1,
        "predictions": 1,
    }
    assert (rows[2]["AP"], rows[2]["truths"]) == (0.0, 1)
    assert (rows[3]["AP"], rows[3]["predictions"]) == (-1.0, 1)
    assert figures["AP"] == pytest.approx(0.5)


def test_predictions_for_some_unknown_videos_are_left_out(evaluate):
    figures = evaluate([annotation(LEFT)], [prediction(LEFT), prediction(LEFT, video_id=9, score=0.99)])
    assert figures["AP"] == pytest.approx(1.0)
    assert figures["counts"]["predictions_of_unknown_video"] == 1


def test_missed_objects_of_a_video_without_predictions_lower_recall(evaluate):
    videos = [video(1), video(2)]
    figures = evaluate(
        [annotation(LEFT), annotation(LEFT, id=2, video_id=2)], [prediction(LEFT)], videos=videos
    )
    assert figures["AR100"] == 0.5


def test_ovis_figures_need_occlusion(evaluate):
    with pytest.raises(UserError, match="lacks occlusion"):
        evaluate([annotation(LEFT)], [prediction(LEFT)], protocol="ovis")
