import numpy as np
import pytest

from tests.cases import HEIGHT, WIDTH, annotation, box_mask, prediction, truth, video, write
from uvis_core.config.evaluation import EvaluationSettings
from uvis_core.evaluation.davis.figures import assign
from uvis_core.evaluation.evaluate import evaluate_tracks
from uvis_core.evaluation.summary import figures_table
from uvis_core.io.annotations.davis import read_davis
from uvis_core.io.rle import decode_masks, encode_masks

LEFT, RIGHT = [box_mask(2, 1)] * 2, [box_mask(2, 5)] * 2
DAVIS = EvaluationSettings(protocol="davis")
EVERYTHING = [box_mask(0, 0, HEIGHT, WIDTH)] * 2


@pytest.fixture
def evaluate(tmp_path):
    def run(annotations, predictions, **options):
        known = write(tmp_path, "truth.json", truth(annotations, **options))
        return evaluate_tracks(known, [write(tmp_path, "results.json", predictions)], DAVIS)

    return run


def test_each_object_gets_its_proposal_whatever_class_and_order(evaluate):
    figures = evaluate(
        [annotation(LEFT), annotation(RIGHT, id=2)],
        [prediction(RIGHT, class_id=77), prediction([None, None], score=0.8), prediction(LEFT, score=0.1)],
    )
    assert (figures["J&F"], figures["J"], figures["F"], figures["J_recall"]) == (1.0, 1.0, 1.0, 1.0)
    assert [row["object"] for row in figures["per_object"]] == [1, 2]
    assert figures["warnings"] == []


def test_region_and_boundary_by_hand(evaluate):
    # The proposal is one column too wide: 4 of 6 pixels; its boundary lies within the tolerance of one pixel.
    figures = evaluate([annotation(LEFT)], [prediction([box_mask(2, 1, 2, 3)] * 2)])
    assert figures["J"] == pytest.approx(4 / 6)
    assert figures["F"] == 1.0
    assert figures["J&F"] == pytest.approx(5 / 6)


def test_frames_without_object_and_proposal_are_right(evaluate):
    figures = evaluate([annotation([LEFT[0], None])], [])
    assert (figures["J"], figures["F"], figures["J_recall"]) == (0.5, 0.5, 0.5)


def test_missed_objects_count_zero(evaluate):
    figures = evaluate([annotation(LEFT), annotation(RIGHT, id=2)], [prediction(LEFT)])
    assert (figures["J"], figures["F"]) == (0.5, 0.5)


def test_a_pixel_belongs_to_the_most_confident_proposal(evaluate):
    # The better one takes the left box from the one that covers everything: 48 - 4 pixels remain, 4 of them
    # right.
    figures = evaluate(
        [annotation(LEFT), annotation(RIGHT, id=2)], [prediction(EVERYTHING, score=0.5), prediction(LEFT)]
    )
    left, right = figures["per_object"]
    assert left["J"] == 1.0
    assert right["J"] == pytest.approx(4 / 44)


def test_only_twenty_proposals_count(evaluate):
    others = [prediction([box_mask(0, 7, 1, 1)] * 2, score=0.5 + rank / 100) for rank in range(20)]
    assert evaluate([annotation(LEFT)], [*others[1:], prediction(LEFT, score=0.1)])["J"] == 1.0
    assert evaluate([annotation(LEFT)], [*others, prediction(LEFT, score=0.1)])["J"] == 0.0


def test_crowds_count_neither_way(evaluate):
    figures = evaluate(
        [annotation(LEFT), annotation(RIGHT, id=2, iscrowd=1)], [prediction(LEFT), prediction(RIGHT)]
    )
    assert figures["J&F"] == 1.0
    assert figures["counts"]["truths"] == 1
    covering = [box_mask(2, 1, 2, 6)] * 2
    # Of the proposal's twelve pixels four are right, four void, four wrong.
    assert evaluate([annotation(LEFT), annotation(RIGHT, id=2, iscrowd=1)], [prediction(covering)])[
        "J"
    ] == pytest.approx(0.5)


def test_nothing_to_find(evaluate):
    assert evaluate([], [prediction(LEFT)])["J&F"] == -1.0


def test_means_are_over_objects_not_videos(evaluate):
    figures = evaluate(
        [annotation(LEFT), annotation(RIGHT, id=2), annotation(LEFT, id=3, video_id=2)],
        [prediction(LEFT, video_id=2)],
        videos=[video(1), video(2)],
    )
    assert figures["J"] == pytest.approx(1 / 3)


def test_assignment_weighs_region_and_boundary_alike():
    regions = np.array([[[0.9, 0.8], [0.8, 0.1]]])
    found, outlines = assign(regions, np.zeros_like(regions))
    assert found.tolist() == [[0.8], [0.8]]
    assert outlines.tolist() == [[0.0], [0.0]]
    favourite = np.array([[[1.0, 0.0], [0.0, 1.0]]])
    assert assign(regions, favourite)[0].tolist() == [[0.9], [0.1]]


def test_is_a_protocol_of_the_command(tmp_path):
    figures = evaluate_tracks(
        write(tmp_path, "truth.json", truth([annotation(LEFT)])),
        [write(tmp_path, "results.json", [prediction(LEFT)])],
        DAVIS,
    )
    assert figures["protocol"] == "davis"
    assert figures_table(figures).split()[:2] == ["J&F", "J"]


@pytest.fixture(scope="module")
def real(shared):
    folder = shared / "real" / "davis" / "Annotations" / "480p"
    if not folder.is_dir():
        pytest.skip(f"DAVIS annotations not found at {folder}")
    return folder


def shifted(folder, pixels):
    """Results that are the truth moved to the right."""
    known = read_davis(folder)
    results = []
    for video_id, found in known.videos.items():
        for tube in known.read(video_id).tubes:
            moved = np.zeros((found.frames, 480, 854), dtype=bool)
            masks = decode_masks(list(tube.counts.values()), 480, 854)
            moved[list(tube.counts), :, pixels:] = masks[:, :, : 854 - pixels]
            segmentations = [{"size": [480, 854], "counts": counts} for counts in encode_masks(moved)]
            results.append(
                {"video_id": video_id, "category_id": 1, "score": 0.9, "segmentations": segmentations}
            )
    return results


def test_real_annotations_against_themselves_and_shifted(real, tmp_path):
    folder = tmp_path / "annotations"
    for name in ("dog", "kite-surf"):
        (folder / name).mkdir(parents=True)
        for frame in range(8):
            (folder / name / f"{frame:05}.png").symlink_to(real / name / f"{frame:05}.png")
    figures = {
        pixels: evaluate_tracks(folder, [write(tmp_path, "results.json", shifted(folder, pixels))], DAVIS)
        for pixels in (0, 8, 9, 30)
    }
    assert figures[0]["J&F"] == 1.0
    # A shift of 8 pixels is within the tolerance at 480 x 854, one of 9 is not.
    assert figures[8]["F"] == pytest.approx(1.0, abs=1e-3)
    assert figures[9]["F"] < 0.99
    j, f = ([figures[pixels][name] for pixels in (0, 8, 9, 30)] for name in ("J", "F"))
    assert j == sorted(j, reverse=True)
    assert f == sorted(f, reverse=True)
    assert j[1] < 0.95


def test_the_figures_beside_those_of_ytvis(tmp_path):
    files = (
        write(tmp_path, "truth.json", truth([annotation(LEFT)])),
        [write(tmp_path, "results.json", [prediction(LEFT)])],
    )
    figures = evaluate_tracks(*files, EvaluationSettings(class_agnostic=True, davis=True))
    assert figures["AP"] == pytest.approx(1)
    assert (figures["J&F"], figures["J"], figures["F"]) == (1, 1, 1)
    assert figures["protocol"] == "ytvis"
    assert "J&F" in figures_table(figures)
    assert "J&F" not in evaluate_tracks(*files, EvaluationSettings())
