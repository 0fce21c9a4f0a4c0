import json
import subprocess
import sys
import zipfile

import pytest

from tests.cases import box_mask, prediction, truth, video, write
from tests.conftest import ROOT
from uvis_core.evaluation.submission import make_submission
from uvis_core.io.errors import UserError

TRACK = [box_mask(0, 0), None]


@pytest.fixture
def submit(tmp_path):
    def run(predictions, name="submission.zip"):
        split = write(tmp_path, "split.json", truth(None, videos=[video(1), video(2)]))
        return make_submission(write(tmp_path, "results.json", predictions), split, tmp_path / name)

    return run


def test_packs_what_was_given(submit, tmp_path):
    predictions = [prediction(TRACK), prediction(TRACK, video_id=2, class_id=2, score=0)]
    assert submit([entry | {"track_id": 5} for entry in predictions]) == []
    with zipfile.ZipFile(tmp_path / "submission.zip") as archive:
        assert archive.namelist() == ["results.json"]
        assert json.loads(archive.read("results.json")) == predictions


def test_equal_results_give_equal_bytes(submit, tmp_path):
    for name in ("one.zip", "other.zip"):
        submit([prediction(TRACK)], name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "other.zip").read_bytes()


def test_warns_of_videos_without_and_with_too_many_predictions(submit):
    without, many = submit([prediction(TRACK, score=number / 100) for number in range(101)])
    assert "1 video(s) have no prediction (first: 2)" in without
    assert "1 video(s) have more than 100 predictions (first: 1)" in many


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (prediction(TRACK, score=float("nan")), "not valid json after 1 entries.*NaN"),
        (prediction(TRACK, score=True), "score is no finite number .first: prediction 1, True"),
        (prediction(TRACK, score="0.5"), "score is no finite number"),
        (prediction(TRACK, class_id=9), "category_id is not in the split .first: prediction 1, 9"),
        (prediction(TRACK, video_id="1"), "video_id is not in the split .first: prediction 1, '1'"),
        (prediction(TRACK, video_id=None), "video_id is not in the split"),
        (prediction([None]), "not one per frame .first: prediction 1, 1 for 2 frames"),
        (prediction(None), "not one per frame"),
        (prediction([None, 3]), "neither null nor has size and counts"),
        (
            prediction([None, {"size": [8, 6], "counts": "`1"}]),
            r"not the size of the video .*frame 1, \[8, 6\] for",
        ),
        (prediction([None, {"size": [6, 8], "counts": [48]}]), "counts are no compressed text"),
        (prediction([None, {"size": [6, 8], "counts": "1"}]), "counts do not describe .*cover 1 pixels"),
        (prediction([None, {"size": [6, 8], "counts": "é"}]), "counts do not describe"),
        ({"video_id": 1, "score": 0.5}, "1 x lacks category_id, segmentations .first: prediction 1"),
        (7, "lacks video_id"),
    ],
)
def test_names_what_would_be_refused(submit, tmp_path, entry, message):
    with pytest.raises(UserError, match=message):
        submit([prediction(TRACK), entry])
    assert not list(tmp_path.glob("*.zip"))


def test_names_a_track_that_is_listed_twice(submit):
    others = [prediction(TRACK, class_id=2), prediction(TRACK, score=0.5), prediction([None, None])]
    submit([prediction(TRACK), *others, prediction([None, None])])
    with pytest.raises(UserError, match=r"1 x a track is listed twice .first: prediction 4 as prediction 0"):
        submit([prediction(TRACK), *others, prediction(TRACK, note="again")])


def test_counts_every_kind_of_fault(submit):
    faulty = [prediction(TRACK, score=None), prediction(TRACK, class_id=9), prediction(TRACK, score=None)]
    with pytest.raises(UserError, match=r"2 x score is no finite number .*; 1 x category_id is not"):
        submit(faulty)


def test_refuses_an_empty_list(submit):
    with pytest.raises(UserError, match="the list is empty"):
        submit([])


def test_command(tmp_path):
    files = {
        "--split": write(tmp_path, "split.json", truth(None)),
        "--predictions": write(tmp_path, "results.json", [prediction(TRACK)]),
        "--output": tmp_path / "submission.zip",
    }
    flags = [str(part) for pair in files.items() for part in pair]
    subprocess.run(
        [sys.executable, "scripts/make_submission.py", *flags], cwd=ROOT, check=True, capture_output=True
    )
    assert zipfile.is_zipfile(tmp_path / "submission.zip")
