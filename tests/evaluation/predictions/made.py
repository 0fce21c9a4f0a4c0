"""Results in json as the tables of tracks and frames of two shards."""

from pathlib import Path
from typing import Any

from tests.cases import HEIGHT, WIDTH
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.tables import write_table


def write_tracks(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Rows of ``video_id``, ``track_id``, ``class_id``, ``score``, ``frame_index``, ``rle_counts`` and size."""
    write_table(path, TRACKS, {name: [row[name] for row in rows] for name in TRACKS.columns.names})
    return path


def track_rows(
    prediction: dict[str, Any], video: str, track_id: int, first_index: int = 0
) -> list[dict[str, Any]]:
    """One prediction of a results file as rows of a table, one for every frame that shows it."""
    return [
        {
            "video_id": video,
            "track_id": track_id,
            "class_id": prediction["category_id"],
            "score": prediction["score"],
            "frame_index": frame + first_index,
            "rle_counts": mask["counts"],
            "height_px": mask["size"][0],
            "width_px": mask["size"][1],
        }
        for frame, mask in enumerate(prediction["segmentations"])
        if mask
    ]


def write_frames(path: Path, lengths: dict[str, int], first_index: int = 0) -> Path:
    """Frames of videos by name."""
    frames = [(name, first_index + index) for name, length in lengths.items() for index in range(length)]
    columns = {
        "video_id": [name for name, _ in frames],
        "frame_index": [index for _, index in frames],
        "path": [f"{name}/{index}.jpg" for name, index in frames],
        "height_px": [HEIGHT] * len(frames),
        "width_px": [WIDTH] * len(frames),
        "timestamp_s": [float(index) for _, index in frames],
    }
    write_table(path, FRAMES, columns)
    return path
