"""How well every tracked video went: the worst, the best, and where identities switched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from uvis_core.io.ytvis import video_name
from uvis_core.report.figures import percent


@dataclass(frozen=True)
class Switch:
    """An object whose track changed: the frame from which on another one covers it."""

    frame_index: int
    annotation_id: Any
    class_id: int


@dataclass(frozen=True)
class VideoResult:
    """One video with truth.

    Attributes:
        video_id: As the tables name it.
        objects: Number of true objects.
        score: Mean tube IoU of the objects with their best tracks, percent; None without objects.
        switches: Identity switches in the order of the frames.
    """

    video_id: str
    objects: int
    score: float | None
    switches: tuple[Switch, ...]


def video_results(figures: Mapping[str, Any], truth: Mapping[str, Any] | None) -> dict[str, VideoResult]:
    """Results by video, in the order of the truth.

    Args:
        figures: An evaluation; empty if there is none.
        truth: Contents of the YTVIS file that it was taken against.
    """
    rows = {row["video_id"]: row for row in figures.get("per_video") or ()}
    switches: dict[Any, list[Switch]] = {}
    for entry in figures.get("identity_switches") or ():
        switch = Switch(entry["frame_index"], entry["annotation_id"], entry["class_id"])
        switches.setdefault(entry["video_id"], []).append(switch)
    results = {}
    for video in truth["videos"] if truth else ():
        row = rows.get(video["id"])
        if row is not None:
            own = sorted(switches.get(video["id"], ()), key=lambda switch: switch.frame_index)
            name = video_name(video)
            results[name] = VideoResult(name, row["truths"], percent(row["mean_iou"]), tuple(own))
    return results


def worst_and_best(
    results: Mapping[str, VideoResult], count: int
) -> tuple[Sequence[VideoResult], Sequence[VideoResult]]:
    """The ``count`` worst, the worst first, and as many best, the best first; none is among both.

    Videos without objects have no score and take no part; equal scores stand in the order of the names.
    """
    scored = [result for result in results.values() if result.score is not None]
    ranked = sorted(scored, key=lambda result: (result.score, result.video_id))
    worst = ranked[: min(count, (len(ranked) + 1) // 2)]
    others = ranked[len(worst) :]
    return worst, others[::-1][:count]
