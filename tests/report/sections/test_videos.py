from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.report.made_up import NAMES
from uvis_core.config.report import ReportSettings
from uvis_core.report.sections.videos import (
    Switch,
    VideoResult,
    facts,
    switch_texts,
    video_results,
    worst_and_best,
)


def no_tracks(video_ids: Sequence[str]) -> dict[str, int]:
    return {}


def switch(video: str, frame: int, annotation: str) -> dict[str, int | str]:
    return {"video_id": video, "frame_index": frame, "annotation_id": annotation, "class_id": 1}


def scored(**scores: float | None) -> dict[str, VideoResult]:
    return {name: VideoResult(name, 1, score, ()) for name, score in scores.items()}


def names(results: list[VideoResult]) -> str:
    return "".join(result.video_id for result in results)


def test_results_are_keyed_by_the_names_of_the_videos() -> None:
    figures = {
        "per_video": [
            {"video_id": "b", "truths": 0, "predictions": 1, "mean_iou": -1.0},
            {"video_id": "a", "truths": 2, "predictions": 9, "mean_iou": 0.25},
        ],
        "identity_switches": [switch("a", 4, "11"), switch("a", 2, "12")],
    }
    results = video_results(figures, no_tracks)
    assert results == {
        "b": VideoResult("b", 0, None, ()),
        "a": VideoResult("a", 2, 25.0, (Switch(2, "12", 1), Switch(4, "11", 1))),
    }
    assert video_results({}, no_tracks) == {}
    assert facts(results, {}, ReportSettings())["switches"] == 2


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


def test_switches_in_words() -> None:
    switches = [Switch(2, "5", 1), Switch(3, "5", 9)]
    assert switch_texts(switches, {2: 0.349}, NAMES) == ["star at 0.3 s", "9 at frame 3"]


def test_only_the_first_are_listed() -> None:
    texts = switch_texts([Switch(frame, "5", 1) for frame in range(8)], {}, NAMES)
    assert (len(texts), texts[-1]) == (7, "2 more")


def test_tracks_in_a_video_of_nothing_are_worse_than_a_missed_object() -> None:
    results = scored(a=0.0, b=50.0, c=None, d=None, e=None)
    results |= {
        name: replace(results[name], objects=0, tracks_drawn=number)
        for name, number in {"c": 1, "d": 3}.items()
    }
    worst, best = worst_and_best(results, 3)
    # The video of nothing without a track has nothing wrong.
    assert (names(worst), names(best)) == ("dc", "ba")


def test_of_equal_scores_more_objects_are_worse_and_then_more_switches() -> None:
    results = scored(a=0.0, b=0.0, c=0.0, d=90.0, e=90.0, f=90.0)
    results["b"] = replace(results["b"], objects=3)
    results["c"] = replace(results["c"], switches=(Switch(1, "1", 1),))
    assert names(worst_and_best(results, 3)[0]) == "bca"


def test_tracks_are_counted_where_there_is_no_object() -> None:
    figures = {
        "per_video": [
            {"video_id": "a", "truths": 1, "predictions": 1, "mean_iou": 0.5},
            {"video_id": "b", "truths": 0, "predictions": 4, "mean_iou": -1.0},
        ]
    }
    asked: list[str] = []

    def confident(video_ids: Sequence[str]) -> dict[str, int]:
        asked.extend(video_ids)
        return {"b": 2}

    results = video_results(figures, confident)
    assert (asked, results["a"].tracks_drawn, results["b"].tracks_drawn) == (["b"], 0, 2)


@pytest.mark.parametrize(("clips", "extreme_clips", "listed"), [(4, 2, 2), (4, 0, 8), (0, 2, 8)])
def test_every_video_of_the_lists_has_a_clip_where_there_are_clips(
    clips: int, extreme_clips: int, listed: int
) -> None:
    results = scored(**{f"v{number:02}": float(number) for number in range(40)})
    settings = ReportSettings(clips=clips, extreme_clips=extreme_clips)
    assert [len(found) for found in facts(results, {}, settings)["extremes"]] == [listed, listed]
