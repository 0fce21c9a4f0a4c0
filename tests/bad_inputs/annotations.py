"""Truth in YTVIS and OVIS json."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bad_inputs.case import BadInput, refusal, script
from tests.bad_inputs.run import Run
from tests.cases import annotation, box_mask, prediction, truth, video, write
from uvis_core.config.evaluation import EvaluationSettings
from uvis_core.evaluation.evaluate import evaluate_tracks
from uvis_core.io.annotations.read import read_foreign

Meet = Callable[[Path], str]
TRACK = [box_mask(0, 0), None]


def holding(content: bytes) -> Meet:
    """Meets a truth file of this content."""

    def meet(folder: Path) -> str:
        (folder / "truth.json").write_bytes(content)
        return refusal(read_foreign, folder / "truth.json")

    return meet


def truth_with(annotations: Any, **others: Any) -> Meet:
    """Meets a truth with these annotations, and other entries where given."""
    return holding(json.dumps(truth(annotations) | others).encode())


def entry(segmentations: Any = TRACK, **others: Any) -> Meet:
    """Meets a truth of one annotation."""
    return truth_with([annotation(segmentations, **others)])


def videos(*entries: Any) -> Meet:
    """Meets a truth of these videos."""
    return truth_with([], videos=list(entries))


def evaluated(content: Any, protocol: Any = "ytvis") -> Meet:
    """Meets a truth that is used: warnings and numbers of the figures of one track."""

    def meet(folder: Path) -> str:
        known, results = (
            write(folder, "truth.json", content),
            write(folder, "results.json", [prediction(TRACK)]),
        )
        figures = evaluate_tracks(known, [results], EvaluationSettings(protocol=protocol))
        return "; ".join([*figures["warnings"], f"AP {figures['AP']:.3f}", str(figures["counts"])])

    return meet


def without_occlusion(folder: Path) -> str:
    """OVIS's protocol on annotations without occlusion levels."""
    known = write(folder, "truth.json", truth([annotation(TRACK)]))
    results = write(folder, "results.json", [prediction(TRACK)])
    return refusal(evaluate_tracks, known, [results], EvaluationSettings(protocol="ovis"))


def unknown_level(folder: Path) -> str:
    """OVIS's protocol on a level that is a list."""
    known = write(folder, "truth.json", truth([annotation(TRACK, occlusion=[[], None])]))
    results = write(folder, "results.json", [prediction(TRACK)])
    return refusal(evaluate_tracks, known, [results], EvaluationSettings(protocol="ovis"))


def two_names(folder: Path) -> str:
    """Two videos of one name, for tables, which know videos by name."""
    listed = [video(1) | {"name": "v"}, video(2) | {"name": "v"}]
    known = write(folder, "truth.json", truth([], videos=listed))
    run = Run(folder / "run")
    return refusal(evaluate_tracks, known, [run["tracks"]], EvaluationSettings())


def other_videos(folder: Path) -> str:
    """A truth table of the videos of another split."""
    run, other = Run(folder), Run(folder / "other", "w")
    flags = other.flags("plan", annotations=run.folder / "truth.json", output=folder / "made.parquet")
    return script("read_truth.py", *flags)


def missing(folder: Path) -> str:
    """A truth that is not there."""
    return refusal(read_foreign, folder / "truth.json")


VIDEO = "truth.json: video number 0"
ENTRY = "truth.json: annotation 1"
CASES = [
    BadInput("a file that is not there", missing, "refused", ("truth.json: no such file", "check the path")),
    BadInput("an empty file", holding(b""), "refused", ("truth.json: holds no object", "YTVIS or OVIS json")),
    BadInput("results in place of truth", holding(b"[]"), "refused", ("truth.json: holds no object", "fix:")),
    BadInput(
        "json that is cut short",
        holding(json.dumps(truth([annotation(TRACK)])).encode()[:-40]),
        "refused",
        ("truth.json: not valid json after 0 entries", "repair or rewrite"),
    ),
    BadInput(
        "bytes that are no text", holding(b'{"videos": ["\xff\xfe"]}'), "refused", ("not valid json", "fix:")
    ),
    BadInput("no videos", holding(b'{"categories": []}'), "refused", ("truth.json: has no list of videos",)),
    BadInput("no categories", truth_with([], categories=[]), "refused", ("truth.json: has no categories",)),
    BadInput(
        "a video listed twice", videos(video(), video()), "refused", ("video number 1", "id 1 is taken twice")
    ),
    BadInput(
        "two videos of one name",
        two_names,
        "refused",
        ("truth.json: two videos are named 'v'", "a name of its own"),
    ),
    BadInput("a video without frames", videos(video(frames=0)), "refused", (VIDEO, "length is 0", "above 0")),
    BadInput("a video of 10^12 frames", videos(video(frames=10**12)), "refused", (VIDEO, "length is 1000")),
    BadInput("a height as text", videos(video() | {"height": "6"}), "refused", (VIDEO, "height is '6'")),
    BadInput("a height of true", videos(video() | {"height": True}), "refused", (VIDEO, "height is True")),
    BadInput(
        "a video of a million by a million pixels",
        videos(video() | {"height": 10**6, "width": 10**6}),
        "refused",
        (VIDEO, "1000000 x 1000000 pixels", "more than"),
    ),
    BadInput(
        "an id of 10^30", videos(video(10**30)), "refused", ("truth.json: not valid json", "beyond 64 bits")
    ),
    BadInput(
        "file names that are a number",
        videos(video() | {"file_names": 3}),
        "refused",
        (VIDEO, "file_names is no list of texts"),
    ),
    BadInput(
        "two classes of one id",
        truth_with([], categories=[{"id": 1, "name": "star"}] * 2),
        "refused",
        ("category number 1: id 1 is taken twice", "own id"),
    ),
    BadInput(
        "a class id of a million millions",
        truth_with([], categories=[{"id": 10**12, "name": "star"}]),
        "refused",
        ("category number 0: id is 1000000000000",),
    ),
    BadInput("no annotations at all", truth_with(None), "refused", ("annotations is None", "labelled split")),
    BadInput("annotations that are a text", truth_with("none"), "refused", ("annotations is 'none'", "fix:")),
    BadInput(
        "an empty list of annotations",
        evaluated(truth([])),
        "accepted",
        ("the list of annotations is empty, every figure is -1", "AP -1.000"),
    ),
    BadInput(
        "two annotations of one id",
        evaluated(truth([annotation(TRACK), annotation([None, box_mask(2, 2)])])),
        "accepted",
        ("1 annotation(s) repeat an id (first: 1)", "'truths': 2"),
    ),
    BadInput(
        "an annotation that is a list", truth_with([[1]]), "refused", ("annotation number 0: lacks video_id",)
    ),
    BadInput(
        "an unknown category", entry(class_id=9), "refused", (ENTRY, "category_id 9 is none of", "[1, 2]")
    ),
    BadInput("an unknown video", entry(video_id=9), "refused", (ENTRY, "video_id 9 is none of the 1 videos")),
    BadInput(
        "fewer masks than frames", entry([None]), "refused", (ENTRY, "has 1 segmentations, video 1 has 2")
    ),
    BadInput(
        "a mask of another size",
        entry([None, {"size": [8, 6], "counts": "`1"}]),
        "refused",
        (ENTRY, "frame 1: the mask's size is [8, 6]"),
    ),
    BadInput(
        "runs that do not fill the frame, in a later mask",
        entry([box_mask(0, 0), {"size": [6, 8], "counts": "342"}]),
        "refused",
        (ENTRY, "frame 1: the runs cover 9 pixels"),
    ),
    BadInput("areas below 0", entry(areas=[-4, None]), "refused", (ENTRY, "areas holds -4", "give pixels")),
    BadInput("areas as texts", entry(areas=["4", None]), "refused", (ENTRY, "areas holds '4'")),
    BadInput("a crowd that is a text", entry(iscrowd="no"), "refused", (ENTRY, "iscrowd is 'no'", "0 or 1")),
    BadInput(
        "OVIS without occlusion, by OVIS's protocol",
        without_occlusion,
        "refused",
        (f"{ENTRY}: lacks occlusion", "--protocol ytvis"),
    ),
    BadInput(
        "OVIS without occlusion, by YTVIS's protocol",
        evaluated(truth([annotation(TRACK)])),
        "accepted",
        ("AP 1.000",),
    ),
    BadInput(
        "an occlusion level that is a list",
        unknown_level,
        "refused",
        (f"{ENTRY}: occlusion of frame 0 is []",),
    ),
    BadInput(
        "annotations of another split", other_videos, "refused", ("truth.json: lacks 1", "['w']", "fix:")
    ),
]
