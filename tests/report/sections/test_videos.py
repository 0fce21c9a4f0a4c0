import pytest
from uvis_core.report.videos import Switch, VideoResult, video_results, worst_and_best

TRUTH = {"videos": [{"id": 7, "name": "b"}, {"id": 3, "name": "a"}, {"id": 5, "name": "c"}]}


def switch(video: int, frame: int, annotation: int) -> dict[str, int]:
    return {"video_id": video, "frame_index": frame, "annotation_id": annotation, "class_id": 1}


def scored(**scores: float | None) -> dict[str, VideoResult]:
    return {name: VideoResult(name, 1, score, ()) for name, score in scores.items()}


def names(results: list[VideoResult]) -> str:
    return "".join(result.video_id for result in results)


def test_results_have_the_names_of_the_videos() -> None:
    figures = {
        "per_video": [
            {"video_id": 3, "truths": 2, "predictions": 9, "mean_iou": 0.25},
            {"video_id": 7, "truths": 0, "predictions": 1, "mean_iou": -1.0},
        ],
        "identity_switches": [switch(3, 4, 11), switch(3, 2, 12)],
    }
    assert video_results(figures, TRUTH) == {
        "b": VideoResult("b", 0, None, ()),
        "a": VideoResult("a", 2, 25.0, (Switch(2, 12, 1), Switch(4, 11, 1))),
    }
    assert video_results(figures, None) == video_results({}, TRUTH) == {}


@pytest.mark.parametrize(
    ("count", "worst", "best"),
    [(1, "c", "b"), (2, "ca", "bd"), (9, "ca", "bd"), (0, "", "")],
)
def test_worst_and_best_by_hand(count: int, worst: str, best: str) -> None:
    found = worst_and_best(scored(a=20.0, b=90.0, c=10.0, d=30.0, e=None), count)
    assert (names(found[0]), names(found[1])) == (worst, best)


def test_no_video_is_both() -> None:
    # Equal scores go by name; of three, two are the worse half.
    found = worst_and_best(scored(z=50.0, y=50.0, x=50.0), 2)
    assert (names(found[0]), names(found[1])) == ("xy", "z")
    assert worst_and_best({}, 3) == ([], [])
