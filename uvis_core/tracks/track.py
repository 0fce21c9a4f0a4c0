"""All videos of a shard: frames in, rows of the table of tracks out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch
from torch import Tensor

from uvis_core.config.tracks import TracksSettings
from uvis_core.io.rle import mask_areas
from uvis_core.jobs import progress
from uvis_core.model.checkpoint import load_checkpoint
from uvis_core.model.inference import for_inference
from uvis_core.tracks.columns import add_track, empty_columns
from uvis_core.tracks.inference import VideoTracks, track_video
from uvis_core.tracks.videos import VideoFrames, list_frames
from uvis_core.tracks.windows import video_windows


def add_tracks(
    columns: dict[str, list[Any]], video: VideoFrames, tracks: VideoTracks, class_ids: tuple[int, ...]
) -> None:
    """Append a video's tracks, a row per frame with pixels; track ids count from 0, the best first."""
    for track_id, texts in enumerate(tracks.masks):
        areas = mask_areas(texts, *video.size_px)
        seen = {place: text for place, (text, area) in enumerate(zip(texts, areas, strict=True)) if area}
        class_id = class_ids[tracks.classes[track_id]]
        add_track(columns, video, track_id, class_id, float(tracks.scores[track_id]), seen)


def track_shard(
    frames: pa.Table,
    checkpoint: Path | str,
    settings: TracksSettings,
    *,
    device: torch.device,
    window: int,
    workers: int,
) -> dict[str, list[Any]]:
    """Follow instances through the videos of a shard by their query embeddings.

    Args:
        frames: Table of frames.
        checkpoint: From training or conversion.
        settings: Of the stage; tracker memory, minvis or clip.
        device: Where the model runs.
        window: Frames decoded at a time, and what trackers memory and minvis see of a video at a time.
        workers: Decoding processes.

    Returns:
        Columns of the table of tracks.

    Raises:
        UserError: The checkpoint or a frame cannot be used.
    """
    model = for_inference(load_checkpoint(checkpoint), device, settings.precision)
    videos = list_frames(frames)
    columns = empty_columns()
    streams = video_windows(videos, short_side_px=settings.short_side_px, window=window, workers=workers)
    done: Iterator[tuple[VideoFrames, Iterator[Tensor]]] = progress(
        streams, total=len(videos), unit="video", name="tracks"
    )
    for video, windows in done:
        add_tracks(columns, video, track_video(model, windows, video.size_px, settings), model.class_ids)
    return columns
