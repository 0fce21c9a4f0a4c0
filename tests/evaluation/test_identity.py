import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.cases import annotation, box_mask, prediction, truth, video, write
from uvis_core.config.evaluation import EvaluationSettings
from uvis_core.evaluation.evaluate import evaluate_tracks
from uvis_core.evaluation.identity import count_identities, identity_figures

ALPHAS = 19


def figures(*ious):
    """Figures of videos whose truths and tracks are visible in every frame; each (T, G, D)."""
    groups = []
    for values in ious:
        values = np.array(values, dtype=np.float64)
        frames, truths, tracks = values.shape
        groups.append(
            count_identities(values, np.ones((frames, truths), bool), np.ones((frames, tracks), bool))
        )
    return identity_figures(groups)


def test_perfect_tracks():
    assert figures(np.ones((3, 1, 1))) == {"HOTA": 1.0, "DetA": 1.0, "AssA": 1.0, "IDF1": 1.0}


def test_a_track_broken_in_the_middle():
    # One truth of four frames, covered by one track in the first two and by another in the last two.
    # Detection: 4 of 4, no mask too many. Association of each mask: 2 / (4 + 2 - 2). IDF1: 2 * 2 / (4 + 4).
    ious = np.array([[[1, 0]], [[1, 0]], [[0, 1]], [[0, 1]]], dtype=np.float64)
    tracks = np.array([[True, False], [True, False], [False, True], [False, True]])
    counts = count_identities(ious, np.ones((4, 1), bool), tracks)
    result = identity_figures([counts])
    assert result["DetA"] == pytest.approx(1.0)
    assert result["AssA"] == pytest.approx(0.5)
    assert result["HOTA"] == pytest.approx(np.sqrt(0.5))
    assert result["IDF1"] == pytest.approx(0.5)
    assert counts.switches == [(2, 0)]


def test_thresholds_of_the_overlap():
    # An IoU of 0.62 counts at 0.05, 0.10 ... 0.60: twelve of nineteen; below, one true and one predicted mask
    # miss.
    result = figures(np.full((2, 1, 1), 0.62))
    assert result["DetA"] == pytest.approx(12 / ALPHAS)
    assert result["AssA"] == pytest.approx(12 / ALPHAS)
    assert result["IDF1"] == 1.0


def test_superfluous_tracks_lower_detection_not_association():
    # Each frame: one truth, its track, and a track beside everything. 3 / (3 + 6 - 3).
    result = figures(np.tile([[[1.0, 0.0]]], (3, 1, 1)))
    assert result["DetA"] == pytest.approx(0.5)
    assert result["AssA"] == pytest.approx(1.0)
    assert result["IDF1"] == pytest.approx(2 * 3 / (3 + 6))


def test_swapped_identities():
    # Two truths whose tracks swap after half of the time: found everywhere, each track half right.
    straight, crossed = np.eye(2), np.eye(2)[::-1]
    result = figures(np.stack([straight, straight, crossed, crossed]))
    assert result["DetA"] == pytest.approx(1.0)
    assert result["AssA"] == pytest.approx(2 / 6)
    assert result["IDF1"] == pytest.approx(0.5)


def test_videos_add_up_by_their_masks():
    # 1 mask of 1 found in the one video, 0 of 3 in the other, where no track is.
    result = figures(np.ones((1, 1, 1)), np.zeros((3, 1, 0)))
    assert result["DetA"] == pytest.approx(1 / 4)
    assert result["AssA"] == pytest.approx(1.0)
    assert result["IDF1"] == pytest.approx(2 / 5)


def test_nothing_found_and_nothing_to_find():
    assert figures(np.zeros((2, 1, 0))) == {"HOTA": 0.0, "DetA": 0.0, "AssA": 0.0, "IDF1": 0.0}
    assert set(figures(np.zeros((2, 0, 3))).values()) == {-1.0}
    assert set(identity_figures([]).values()) == {-1.0}


@pytest.fixture
def evaluate(tmp_path):
    def run(annotations, predictions, **settings):
        return evaluate_tracks(
            write(tmp_path, "truth.json", truth(annotations, videos=[video("clip", frames=4)])),
            [write(tmp_path, "results.json", predictions)],
            EvaluationSettings(**settings),
        )

    return run


BOX, LEFT_OUT = box_mask(0, 0), None
WHOLE = [BOX] * 4


def test_switch_is_reported_with_its_place(evaluate):
    result = evaluate(
        [annotation(WHOLE, video_id="clip", id=7)],
        [
            prediction([BOX, BOX, LEFT_OUT, LEFT_OUT], video_id="clip", score=0.5),
            prediction([LEFT_OUT, LEFT_OUT, LEFT_OUT, BOX], video_id="clip", score=0.6),
        ],
    )
    assert result["identity_switches"] == [
        {"video_id": "clip", "frame_index": 3, "annotation_id": 7, "class_id": 1}
    ]
    assert result["DetA"] == pytest.approx(3 / 4)


@pytest.mark.parametrize(("score", "deta"), [(0.3, 0.5), (0.29, 1.0)])
def test_tracks_below_the_floor_do_not_count(evaluate, score, deta):
    result = evaluate(
        [annotation(WHOLE, video_id="clip")],
        [
            prediction(WHOLE, video_id="clip"),
            prediction([box_mask(0, 4)] * 4, video_id="clip", score=score),
        ],
        identity_score_floor=0.3,
    )
    assert result["DetA"] == pytest.approx(deta)


@pytest.mark.parametrize(("class_agnostic", "idf1"), [(False, 0.0), (True, 1.0)])
def test_classes_count_unless_class_agnostic(evaluate, class_agnostic, idf1):
    case = ([annotation(WHOLE, video_id="clip")], [prediction(WHOLE, video_id="clip", class_id=2)])
    assert evaluate(*case, class_agnostic=class_agnostic)["IDF1"] == idf1


def test_crowds_are_no_truths(evaluate):
    assert evaluate([annotation(WHOLE, video_id="clip", iscrowd=1)], [])["HOTA"] == -1.0


@settings(deadline=None)
@given(
    arrays(np.int64, st.tuples(st.integers(1, 6), st.just(1), st.integers(1, 4)), elements=st.integers(0, 4)),
    st.booleans(),
)
def test_what_is_never_visible_changes_nothing(quarters, of_tracks):
    # One truth, or one track, has a way of its own through the frames; beside an invisible one it has not.
    ious = np.swapaxes(quarters, 1, 2) / 4 if of_tracks else quarters / 4
    frames, truths, tracks = ious.shape
    seen = [np.ones((frames, count), bool) for count in (truths, tracks)]
    alone = count_identities(ious, *seen)
    unseen = [np.pad(visible, ((0, 0), (0, 1))) for visible in seen]
    beside = count_identities(np.pad(ious, ((0, 0), (0, 1), (0, 1))), *unseen)
    assert alone.switches == beside.switches
    assert identity_figures([alone]) == identity_figures([beside])
    assert (alone.matched == beside.matched).all()
