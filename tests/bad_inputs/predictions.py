"""Predictions in results json, given to the evaluation."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bad_inputs.case import BadInput, refusal
from tests.cases import HEIGHT, WIDTH, annotation, box_mask, prediction, truth, video, write
from uvis_core.config.evaluation import EvaluationSettings
from uvis_core.evaluation.evaluate import evaluate_tracks

SIZE = [HEIGHT, WIDTH]
TRACK = [box_mask(0, 0), box_mask(1, 1)]
GOOD = prediction(TRACK)
TRUTH = truth([annotation(TRACK)], videos=[video(1), video("two")])
PLACE = "results.json: prediction number 1"

Meet = Callable[[Path], str]


def holding(content: bytes) -> Meet:
    """Meets a results file of this content."""

    def meet(folder: Path) -> str:
        (folder / "results.json").write_bytes(content)
        known = write(folder, "truth.json", TRUTH)
        return refusal(evaluate_tracks, known, [folder / "results.json"], EvaluationSettings())

    return meet


def second(entry: Any) -> Meet:
    """Meets results of a good track and of this one."""
    return holding(json.dumps([GOOD, entry]).encode())


def mask(counts: Any, size: Any = SIZE) -> Meet:
    """Meets a track whose second mask has these counts."""
    return second(prediction([box_mask(0, 0), {"size": size, "counts": counts}]))


def evaluated(*entries: Any) -> Meet:
    """Meets results that are used: their warnings and numbers."""

    def meet(folder: Path) -> str:
        known, results = write(folder, "truth.json", TRUTH), write(folder, "results.json", list(entries))
        figures = evaluate_tracks(known, [results], EvaluationSettings())
        return "; ".join([*figures["warnings"], f"AP {figures['AP']:.3f}", str(figures["counts"])])

    return meet


def missing(folder: Path) -> str:
    """Results that are not there."""
    known = write(folder, "truth.json", TRUTH)
    return refusal(evaluate_tracks, known, [folder / "results.json"], EvaluationSettings())


CASES = [
    BadInput("a score above 1", second(prediction(TRACK, score=1.5)), "refused", (PLACE, "1.5", "0 to 1")),
    BadInput("a score below 0", second(prediction(TRACK, score=-0.1)), "refused", (PLACE, "-0.1", "0 to 1")),
    BadInput(
        "a score of NaN",
        second(prediction(TRACK, score=float("nan"))),
        "refused",
        ("results.json: not valid json after 1 entries", "NaN"),
    ),
    BadInput("a score as text", second(prediction(TRACK, score="0.5")), "refused", (PLACE, "score is '0.5'")),
    BadInput("a score of true", second(prediction(TRACK, score=True)), "refused", (PLACE, "score is True")),
    BadInput("a score of null", second(prediction(TRACK, score=None)), "refused", (PLACE, "score is None")),
    BadInput(
        "the same track listed twice",
        second(GOOD | {"note": "again"}),
        "refused",
        (f"{PLACE}: is prediction number 0 again", "video 1, class 1 and score 0.9", "list every track once"),
    ),
    BadInput(
        "one mask under two classes",
        evaluated(GOOD, prediction(TRACK, class_id=2)),
        "accepted",
        ("AP 1.000", "'predictions_evaluated': 2"),
    ),
    BadInput(
        "tracks of another split",
        holding(json.dumps([prediction(TRACK, video_id=9)]).encode()),
        "refused",
        ("results.json: none of its 1 predictions", "such as 9", "truth of the same split"),
    ),
    BadInput(
        "one track of an unknown video",
        evaluated(GOOD, prediction(TRACK, video_id=9)),
        "accepted",
        ("1 prediction(s) left out, video id not in the truth: 9", "AP 1.000"),
    ),
    BadInput(
        "a track of an unknown class",
        evaluated(GOOD, prediction(TRACK, class_id=9)),
        "accepted",
        ("1 prediction(s) left out, class id not in the truth: 9", "AP 1.000"),
    ),
    BadInput(
        "a video id of true, which Python takes for 1",
        second(prediction(TRACK, video_id=True)),
        "refused",
        (PLACE, "video_id is True", "whole number or a text"),
    ),
    BadInput("an entry that is a number", second(7), "refused", (PLACE, "lacks video_id, category_id")),
    BadInput("a mask of another size", mask("`1", [8, 6]), "refused", (PLACE, "frame 1", "[8, 6]", "[6, 8]")),
    BadInput(
        "more masks than frames",
        second(prediction([*TRACK, None])),
        "refused",
        (PLACE, "has 3 segmentations, video 1 has 2 frames"),
    ),
    BadInput(
        "runs that do not fill the frame, in a later mask",
        mask("342"),
        "refused",
        (PLACE, "frame 1: the runs cover 9 pixels, the frame has 6 x 8 = 48"),
    ),
    BadInput(
        "runs that overlap: one is negative",
        mask("l1D"),
        "refused",
        (PLACE, "frame 1: a run of -12 pixels"),
    ),
    BadInput("run lengths cut inside a number", mask("34o"), "refused", (PLACE, "ends inside a number")),
    BadInput("a letter that run lengths do not have", mask("34é"), "refused", (PLACE, "frame 1", "codec")),
    BadInput(
        "a run of 10^18 pixels",
        mask("o" * 12 + "0"),
        "refused",
        (PLACE, "a run of more pixels than any frame"),
    ),
    BadInput("counts that are one number", mask(10**10), "refused", (PLACE, "counts are int")),
    BadInput("a list of negative counts", mask([50, -4, 2]), "refused", (PLACE, "frame 1")),
    BadInput("a list of counts that are texts", mask(["a"]), "refused", (PLACE, "frame 1")),
    BadInput("a mask that is the number 0", second(prediction([0, None])), "refused", (PLACE, "frame 0")),
    BadInput(
        "null in every frame",
        evaluated(prediction([None, None]), prediction([None, None])),
        "accepted",
        ("AP 0.000", "'predictions_evaluated': 2"),
    ),
    BadInput(
        "polygons in place of run lengths",
        evaluated(prediction([[[0, 0, 2, 0, 2, 2, 0, 2]], [[1, 1, 3, 1, 3, 3, 1, 3]]])),
        "accepted",
        ("AP 1.000",),
    ),
    BadInput("a polygon of two points", second(prediction([[[0, 0, 1, 1]], []])), "refused", (PLACE, "six")),
    BadInput(
        "a polygon as long as the universe",
        second(prediction([[[0, 0, 1e300, 0, 0, 1e300]], None])),
        "refused",
        (PLACE, "frame 0: a coordinate of a polygon is 1e+300"),
    ),
    BadInput("a polygon of texts", second(prediction([[["a"] * 6], None])), "refused", (PLACE, "is 'a'")),
    BadInput("an empty list", evaluated(), "accepted", ("the list of predictions is empty", "AP 0.000")),
    BadInput("an object, not a list", holding(b'{"a": 1}'), "refused", ("results.json: begins with", "list")),
    BadInput(
        "json that is cut short",
        holding(json.dumps([GOOD, GOOD]).encode()[:-30]),
        "refused",
        ("results.json: not valid json after 1 entries", "repair or rewrite"),
    ),
    BadInput("an empty file", holding(b""), "refused", ("results.json: begins with ''", "fix:")),
    BadInput("a table named json", holding(b"PAR1\x15\x04"), "refused", ("results.json: begins with 'PAR1",)),
    BadInput("100,000 lists in each other", holding(b"[" * 100_000), "refused", ("results.json", "fix:")),
    BadInput(
        "a file that is not there", missing, "refused", ("results.json: no such file", "check the path")
    ),
]
