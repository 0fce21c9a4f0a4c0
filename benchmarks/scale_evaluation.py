"""The evaluation part of the scale benchmark: made-up truth and tracks of a split, and all figures of them."""

import json
import multiprocessing
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
from scale_samples import CLASSES, Usage, made_shapes, used

from uvis_core.config.evaluation import EvaluationSettings
from uvis_core.evaluation.evaluate import evaluate_tracks
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.schemas.truth import (
    CLASSES_KEY,
    OCCLUSION_FAULT_KEY,
    TRUTH,
    UNKNOWN_OCCLUSION,
    WARNINGS_KEY,
)
from uvis_core.io.tables import write_table

OBJECTS, TRACKS_PER_VIDEO = 2, 10
HEIGHT_PX, WIDTH_PX = 720, 1280


def write_truth(path: Path, videos: int, frames: int, texts: list[str]) -> None:
    """Objects that keep one shape."""
    objects = [
        [
            {
                "object_id": str(OBJECTS * video + place),
                "class_id": 1 + (video + place) % len(CLASSES),
                "crowd": False,
                "mean_area_px": 10_000.0,
                "occlusion": UNKNOWN_OCCLUSION,
                "frame_index": list(range(frames)),
                "rle_counts": [texts[(video + place) % len(texts)]] * frames,
            }
            for place in range(OBJECTS)
        ]
        for video in range(videos)
    ]
    columns = {
        "video_id": [f"video-{video:07d}" for video in range(videos)],
        "number": range(1, videos + 1),
        "height_px": [HEIGHT_PX] * videos,
        "width_px": [WIDTH_PX] * videos,
        "frames": [frames] * videos,
        "objects": objects,
    }
    about = {CLASSES_KEY: json.dumps(CLASSES), WARNINGS_KEY: "[]", OCCLUSION_FAULT_KEY: "none is known"}
    write_table(path, TRUTH, columns, about)


def write_tracks(path: Path, videos: range, frames: int, texts: list[str]) -> None:
    """Tracks of which the first of a video have an object's shape and class in four of five frames."""
    random = np.random.default_rng([2, videos.start])
    video, track, frame = (
        places.ravel() for places in np.indices((len(videos), TRACKS_PER_VIDEO, frames), dtype=np.int32)
    )
    numbers = np.array(videos)[video]
    right = (numbers + track) % len(texts)
    found = np.where(
        (track < OBJECTS) & (random.random(len(video)) < 0.8),
        right,
        random.integers(0, len(texts), len(video)),
    )
    scores = random.random((len(videos), TRACKS_PER_VIDEO)).astype(np.float32)
    names = pa.array([f"video-{number:07d}" for number in videos])
    write_table(
        path,
        TRACKS,
        {
            "video_id": names.take(pa.array(video)),
            "track_id": track,
            "class_id": (1 + (numbers + track) % len(CLASSES)).astype(np.int32),
            "score": scores[video, track],
            "frame_index": frame,
            "rle_counts": pa.array(texts).take(pa.array(found)),
            "height_px": np.full(len(video), HEIGHT_PX, np.int32),
            "width_px": np.full(len(video), WIDTH_PX, np.int32),
        },
    )


def evaluate(folder: Path, shards: int) -> Usage:
    """All figures by the default protocol, in this process."""
    tables = [folder / f"tracks-{shard}.parquet" for shard in range(shards)]
    return used(lambda: evaluate_tracks(folder / "truth.parquet", tables, EvaluationSettings()))


def measure_evaluation(folder: Path, videos: int, frames: int, shards: int) -> Iterator[tuple[str, str]]:
    """Make truth and tracks up and evaluate them; rows of a table."""
    texts = made_shapes(HEIGHT_PX, WIDTH_PX)
    write_truth(folder / "truth.parquet", videos, frames, texts)
    for shard in range(shards):
        own = range(videos * shard // shards, videos * (shard + 1) // shards)
        write_tracks(folder / f"tracks-{shard}.parquet", own, frames, texts)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        usage = pool.apply(partial(evaluate, folder, shards))
    yield (
        f"evaluation of {videos:,} videos of {frames} frames, {OBJECTS} objects and {TRACKS_PER_VIDEO} tracks each",
        str(usage),
    )
