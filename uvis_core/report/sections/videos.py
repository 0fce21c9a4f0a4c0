"""How well every tracked video went: the worst, the best, and where identities switched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from uvis_core.report.sections.figures import percent

VIDEOS_LISTED = 8
SWITCHES_LISTED = 6


@dataclass(frozen=True)
class Switch:
    """An object whose track changed: the frame from which on another one covers it."""

    frame_index: int
    object_id: str
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


def facts(results: Mapping[str, VideoResult], clip_anchors: Mapping[str, str]) -> dict[str, Any]:
    """What the section shows.

    Args:
        results: How each video went.
        clip_anchors: Place on the page by video, of those with a clip.
    """
    return {
        "extremes": worst_and_best(results, VIDEOS_LISTED),
        "switches": sum(len(result.switches) for result in results.values()),
        "clip_anchors": clip_anchors,
    }


def video_results(figures: Mapping[str, Any]) -> dict[str, VideoResult]:
    """Results by video, in the order of the evaluation; empty without one."""
    switches: dict[str, list[Switch]] = {}
    for entry in figures.get("identity_switches") or ():
        switch = Switch(entry["frame_index"], entry["annotation_id"], entry["class_id"])
        switches.setdefault(entry["video_id"], []).append(switch)
    results = {}
    for row in figures.get("per_video") or ():
        name = row["video_id"]
        own = sorted(switches.get(name, ()), key=lambda switch: switch.frame_index)
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


def switch_texts(
    switches: Sequence[Switch], times_s: Mapping[int, float], names: Mapping[int, str]
) -> list[str]:
    """The first switches in words, class and time in seconds (the frame's number where it has no time)."""
    texts = []
    for switch in switches[:SWITCHES_LISTED]:
        time = times_s.get(switch.frame_index)
        place = f"frame {switch.frame_index}" if time is None else f"{time:.1f} s"
        texts.append(f"{names.get(switch.class_id, switch.class_id)} at {place}")
    further = len(switches) - len(texts)
    return [*texts, f"{further} more"] if further > 0 else texts
