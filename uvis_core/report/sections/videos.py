"""How well every tracked video went: the worst, the best, and where identities switched."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from uvis_core.config.report import ReportSettings
from uvis_core.pages.formats import shortened
from uvis_core.report.sections.figures import percent

VIDEOS_LISTED = 8
SWITCHES_LISTED = 6
LONGEST_NAME = 40


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
        tracks_drawn: Of a video without objects, the tracks that its clip shows, all of them wrong.
    """

    video_id: str
    objects: int
    score: float | None
    switches: tuple[Switch, ...]
    tracks_drawn: int = 0


def facts(
    results: Mapping[str, VideoResult], clip_anchors: Mapping[str, str], settings: ReportSettings
) -> dict[str, Any]:
    """What the section shows.

    Args:
        results: How each video went.
        clip_anchors: Place on the page by video, of those with a clip.
        settings: How many videos have clips.
    """
    # Where there are clips, the list is as long as there are clips of the worst and of the best.
    listed = settings.extreme_clips if settings.clips else 0
    return {
        "extremes": worst_and_best(results, listed or VIDEOS_LISTED),
        "without_objects": sum(result.score is None for result in results.values()),
        "switches": sum(len(result.switches) for result in results.values()),
        "clip_anchors": clip_anchors,
    }


def video_results(
    figures: Mapping[str, Any], confident: Callable[[Sequence[str]], Mapping[str, int]]
) -> dict[str, VideoResult]:
    """Results by video, in the order of the evaluation; empty without one.

    Args:
        figures: The evaluation.
        confident: Number of tracks that are drawn, by video, of some videos.
    """
    rows = figures.get("per_video") or ()
    drawn = confident([row["video_id"] for row in rows if percent(row["mean_iou"]) is None])
    switches: dict[str, list[Switch]] = {}
    for entry in figures.get("identity_switches") or ():
        switch = Switch(entry["frame_index"], entry["annotation_id"], entry["class_id"])
        switches.setdefault(entry["video_id"], []).append(switch)
    results = {}
    for row in rows:
        name = row["video_id"]
        own = sorted(switches.get(name, ()), key=lambda switch: switch.frame_index)
        score = percent(row["mean_iou"])
        results[name] = VideoResult(name, row["truths"], score, tuple(own), drawn.get(name, 0))
    return results


def worst_and_best(
    results: Mapping[str, VideoResult], count: int
) -> tuple[Sequence[VideoResult], Sequence[VideoResult]]:
    """The ``count`` worst, the worst first, and as many best, the best first; none is among both.

    A video without objects has no score. If tracks are drawn in it, it stands below a score of 0, the one with the
    most tracks first; if not, nothing is wrong and it takes no part. Of equal scores the video with more objects is
    worse, then the one with more switches; what is equal then stands in the order of the names.
    """
    ranked = sorted(
        (result for result in results.values() if result.score is not None or result.tracks_drawn),
        key=lambda result: (
            -1.0 if result.score is None else result.score,
            -result.tracks_drawn,
            -result.objects,
            -len(result.switches),
            result.video_id,
        ),
    )
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
        name = shortened(names.get(switch.class_id, str(switch.class_id)), LONGEST_NAME)
        texts.append(f"{name} at {place}")
    further = len(switches) - len(texts)
    return [*texts, f"{further} more"] if further > 0 else texts
