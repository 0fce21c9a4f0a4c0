"""Occlusion score of a track as OVIS defines it."""

from collections.abc import Sequence

from uvis_core.io.schemas.truth import UNKNOWN_OCCLUSION

LEVELS = {"no_occlusion": 0.0, "slight_occlusion": 0.25, "severe_occlusion": 0.75}


def track_occlusion(levels: Sequence[str | None]) -> float:
    """Mean score of the more occluded half of the annotated frames, rounded up, as OVIS takes it.

    Args:
        levels: Level of every frame, None where the object is not annotated.

    Returns:
        Score in 0 to 0.75, ``UNKNOWN_OCCLUSION`` where no frame has a level.

    Raises:
        ValueError: A level is unknown.
    """
    scores = []
    for frame, level in enumerate(levels):
        if level is None:
            continue
        if not isinstance(level, str) or level not in LEVELS:
            raise ValueError(f"occlusion of frame {frame} is {level!r}, known are {list(LEVELS)} and null")
        scores.append(LEVELS[level])
    scores.sort(reverse=True)
    upper = scores[: (len(scores) + 1) // 2]
    return sum(upper) / len(upper) if upper else UNKNOWN_OCCLUSION
