"""The baseline without a trained model: DeepSORT over the pseudo-labels (UVIS, section 4.1).

Detections are the kept pseudo-labels of each frame, appearance is the embedding of their crops.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from deep_sort_realtime.deepsort_tracker import DeepSort

from uvis_core.config.tracks import TracksSettings
from uvis_core.io.errors import UserError
from uvis_core.io.join import positions
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.tables import embedding_matrix, read_table
from uvis_core.jobs import progress
from uvis_core.tracks.columns import add_track, empty_columns
from uvis_core.tracks.videos import VideoFrames, list_frames

# Embeddings remembered per track, the newest: without a limit, time per frame would grow with the video's length.
REMEMBERED = 100


@dataclass(frozen=True)
class VideoLabels:
    """The kept labels of one video, N of them.

    Attributes:
        frames: int64 (N,), places of their frames in the video.
        boxes: float32 (N, 4), x0, y0, x1, y1 in pixels.
        embeddings: float32 (N, D).
        class_ids: int64 (N,).
        scores: float64 (N,), objectness times class score.
        rle_counts: N compressed run lengths.
    """

    frames: np.ndarray
    boxes: np.ndarray
    embeddings: np.ndarray
    class_ids: np.ndarray
    scores: np.ndarray
    rle_counts: Sequence[str]


def link_labels(labels: VideoLabels, length: int, settings: TracksSettings) -> list[list[int]]:
    """Join labels to tracks.

    Args:
        labels: Of one video.
        length: Frames of the video.
        settings: What DeepSORT may join, and how long it waits.

    Returns:
        For each track of at least ``confirm_after`` labels their places in ``labels``, in the order of time.
    """
    tracker = DeepSort(
        max_age=settings.max_age,
        n_init=settings.confirm_after,
        max_cosine_distance=settings.max_cosine_distance,
        nn_budget=REMEMBERED,
        embedder=None,
    )
    linked: dict[str, list[int]] = defaultdict(list)
    for frame in range(length):
        rows = np.flatnonzero(labels.frames == frame).tolist()
        boxes = labels.boxes[rows]
        sizes = boxes[:, 2:] - boxes[:, :2]
        raw = [
            ((box[0], box[1], *size), labels.scores[row], None)
            for row, box, size in zip(rows, boxes, sizes, strict=True)
        ]
        for track in tracker.update_tracks(raw, embeds=list(labels.embeddings[rows]), others=rows):
            # A track that got no detection in this frame has its supplement cleared.
            row = track.get_det_supplementary()
            if row is not None:
                linked[track.track_id].append(row)
    return [rows for rows in linked.values() if len(rows) >= settings.confirm_after]


def vote(class_ids: np.ndarray, scores: np.ndarray) -> int:
    """The most frequent class; of equally frequent ones that with the higher summed score, then the lower id."""
    counts = Counter(class_ids.tolist())
    return min(
        counts, key=lambda class_id: (-counts[class_id], -scores[class_ids == class_id].sum(), class_id)
    )


def add_linked(
    columns: dict[str, list[Any]], video: VideoFrames, labels: VideoLabels, settings: TracksSettings
) -> None:
    """Append a video's tracks to a table: class by vote, score by mean, the best ones."""
    tracks = link_labels(labels, len(video.paths), settings)
    scored = sorted(((-labels.scores[rows].mean(), number) for number, rows in enumerate(tracks)))
    for track_id, (negative, number) in enumerate(scored[: settings.predictions]):
        rows = tracks[number]
        add_track(
            columns,
            video,
            track_id,
            vote(labels.class_ids[rows], labels.scores[rows]),
            -negative,
            {int(labels.frames[row]): labels.rle_counts[row] for row in rows},
        )


def read_video_labels(video: VideoFrames, labels: Path, masks: Path, crops: Path) -> VideoLabels:
    """The kept labels of one video with their masks and embeddings.

    Raises:
        UserError: A label has no mask or no crop.
    """
    kept = read_table(labels, LABELS, video_id=video.video_id)
    kept = kept.filter(kept["kept"])
    wanted = kept["mask_id"].to_numpy()
    found = []
    for path, schema, columns in (
        (masks, MASKS, ["box_xyxy_px", "rle_counts"]),
        (crops, CROPS, ["embedding"]),
    ):
        table = read_table(path, schema, ["mask_id", *columns], video.video_id)
        names = f"labels {labels}", f"rows of {path}"
        found.append(table.take(positions(wanted, table["mask_id"].to_numpy(), names)))
    shapes, looks = found
    places: Mapping[int, int] = {index: place for place, index in enumerate(video.frame_indices)}
    return VideoLabels(
        frames=np.array([places[index] for index in kept["frame_index"].to_pylist()], dtype=np.int64),
        boxes=embedding_matrix(shapes["box_xyxy_px"]),
        embeddings=embedding_matrix(looks["embedding"]),
        class_ids=kept["class_id"].to_numpy().astype(np.int64),
        scores=kept["objectness"].to_numpy().astype(np.float64) * kept["class_score"].to_numpy(),
        rle_counts=shapes["rle_counts"].to_pylist(),
    )


def link_shard(
    frames: pa.Table, labels: Path, masks: Path, crops: Path, settings: TracksSettings
) -> dict[str, list[Any]]:
    """Link the pseudo-labels of all videos of a shard; one video at a time is in memory.

    Args:
        frames: Table of frames.
        labels: Table of labels.
        masks: Table of masks.
        crops: Table of crops.
        settings: Of the stage.

    Returns:
        Columns of the table of tracks.

    Raises:
        UserError: The tables are not of one shard, or one is damaged.
    """
    columns = empty_columns()
    videos = list_frames(frames)
    known = {(video.video_id, index) for video in videos for index in video.frame_indices}
    labelled = read_table(labels, LABELS, ["video_id", "frame_index"])
    for name, index in zip(*(column.to_pylist() for column in labelled.columns), strict=True):
        if (name, index) not in known:
            raise UserError(
                f"{labels}: holds a label in frame {index} of video {name!r}, which is not among the frames",
                fix="give the tables of one shard",
            )
    for video in progress(videos, total=len(videos), unit="video", name="tracks"):
        add_linked(columns, video, read_video_labels(video, labels, masks, crops), settings)
    return columns
