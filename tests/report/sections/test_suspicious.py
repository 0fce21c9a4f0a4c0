import numpy as np
import pytest

from tests.report.made_up import NAMES
from tests.report.review.made_labels import kept_labels
from uvis_core.report.review.chains import chain_labels
from uvis_core.report.review.doubts import Doubts
from uvis_core.report.review.sample import sample_labels
from uvis_core.report.sections.suspicious import facts, reasons
from uvis_core.report.split_files import SplitFiles


@pytest.fixture
def files(make_run):
    run = make_run()
    return SplitFiles(run.train_frames, run.masks, run.labels, crops=run.crops)


def shown(files, count=9):
    sample = sample_labels(files, seed=0)
    return facts(sample, chain_labels(sample.labels), files, NAMES, count)


def test_the_most_doubtful_label_of_each_object_is_shown(files):
    found = shown(files)
    # In each of two videos one object; its last frame has the closest second class: logits 4 and 3.
    assert [(tile.video_id, tile.frame_index, tile.name) for tile in found["tiles"]] == [
        ("clip-train", 3, "star"),
        ("second-train", 3, "star"),
    ]
    tile = found["tiles"][0]
    assert tile.picture.startswith("data:image/jpeg;base64,")
    assert tile.points == pytest.approx(2 / (1 + np.e), abs=1e-6)
    assert tile.reasons == ("ring is close: 27 % against 73 %",)
    assert (found["labels_looked_at"], found["videos_looked_at"], found["all_looked_at"]) == (8, 2, True)


def test_none_are_shown_where_none_are_asked_for(files):
    assert shown(files, count=0)["tiles"] == []


def test_the_same_labels_have_the_same_pictures(files):
    assert shown(files) == shown(files)


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ((1, 0, 0, 0), ["3 of 3 neighbours disagree, most say star"]),
        ((0, 0.5, 0.9, 0), ["similarity 0.40, usual 0.85", "star is close: 30 % against 70 %"]),
        ((0, 0, 0, 0.1), ["covers 1.2 % of the frame, usual 10 %"]),
    ],
)
def test_reasons_in_words_the_weightiest_first(points, words):
    rows = [
        {"frame": frame, "class_id": 2 if frame == 3 else 1, "rival": 1, "rival_share": 0.3}
        for frame in range(4)
    ]
    labels = kept_labels(*({**row, "similarity": 0.4, "area_share": 0.012} for row in rows))
    usual = np.full(4, 0.85), np.full(4, 0.1)
    doubts = Doubts(np.array([points] * 4, dtype=float).T, *usual)
    assert list(reasons(3, labels, chain_labels(labels), doubts, NAMES)) == words
