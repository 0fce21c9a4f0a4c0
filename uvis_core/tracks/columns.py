"""Rows of the table of tracks."""

from collections.abc import Mapping
from typing import Any

from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.tracks.videos import VideoFrames


def empty_columns() -> dict[str, list[Any]]:
    """The columns of a table of tracks without rows."""
    return {name: [] for name in TRACKS.columns.names}


def add_track(
    columns: dict[str, list[Any]],
    video: VideoFrames,
    track_id: int,
    class_id: int,
    score: float,
    masks: Mapping[int, str],
) -> None:
    """Append one track.

    Args:
        columns: Appended to.
        video: Where it was found.
        track_id: Unique in the video.
        class_id: The data set's id.
        score: Of the whole track.
        masks: Place of the frame in the video → compressed run lengths, not empty.
    """
    for place, counts in sorted(masks.items()):
        row = (video.video_id, track_id, class_id, score, video.frame_indices[place], counts, *video.size_px)
        for column, value in zip(columns.values(), row, strict=True):
            column.append(value)
