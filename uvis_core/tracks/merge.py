"""The tracks of all shards as one results file in YTVIS layout."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from uvis_core.io.atomic import atomic_path, read_json
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.tables import read_table
from uvis_core.io.ytvis import video_name
from uvis_core.tracks.videos import VideoFrames, list_frames


def merge_tracks(
    output: Path | str,
    tracks: Sequence[Path | str],
    frames: Sequence[Path | str],
    truth: Path | str | None = None,
) -> int:
    """Write a list of ``{video_id, category_id, score, segmentations}``; one shard at a time is in memory.

    ``segmentations`` has one entry per frame of the video: compressed run lengths, or null where the track is
    not seen. ``video_id`` is the truth's; without truth, videos are numbered from 1 in the order of their
    names.

    Args:
        output: The json.
        tracks: Tables of tracks of all shards.
        frames: Tables of frames of the same shards, in the same order.
        truth: YTVIS json whose ids and lengths the results are to fit.

    Returns:
        How many tracks were written.

    Raises:
        UserError: Tables do not belong together, or a video is not in the truth or has another length there.
    """
    if len(tracks) != len(frames):
        raise UserError(
            f"{len(tracks)} tables of tracks and {len(frames)} of frames",
            fix="give both tables of every shard, in order",
        )
    shards = [{video.video_id: video for video in list_frames(read_table(path, FRAMES))} for path in frames]
    names = sorted(name for shard in shards for name in shard)
    numbers = {name: number for number, name in enumerate(names, start=1)}
    if truth is not None:
        numbers = _truth_numbers(
            truth, {name: len(video.paths) for shard in shards for name, video in shard.items()}
        )
    written = 0
    with atomic_path(output) as temporary, temporary.open("w", encoding="utf-8") as stream:
        stream.write("[")
        for path, videos in zip(tracks, shards, strict=True):
            for result in _results(path, videos, numbers):
                stream.write((",\n" if written else "\n") + json.dumps(result))
                written += 1
        stream.write("\n]\n")
    return written


def _truth_numbers(truth: Path | str, lengths: Mapping[str, int]) -> dict[str, int]:
    known = {video_name(video): video for video in read_json(truth)["videos"]}
    missing = sorted(set(lengths) - set(known))
    if missing:
        raise UserError(
            f"{truth}: lacks {len(missing)} of the tracked videos, such as {missing[:3]}",
            fix="evaluate against the truth of the split that was tracked",
        )
    for name, length in lengths.items():
        true_length = len(known[name]["file_names"])
        if length != true_length:
            raise UserError(
                f"{truth}: video {name!r} has {true_length} frames, but {length} were tracked",
                fix="take every frame (frames.stride 1, no frames.fps) of videos that are to be evaluated",
            )
    return {name: int(known[name]["id"]) for name in lengths}


def _results(
    path: Path | str, videos: Mapping[str, VideoFrames], numbers: Mapping[str, int]
) -> Iterator[dict[str, Any]]:
    rows = read_table(path, TRACKS).to_pandas()
    unknown = sorted(set(rows.video_id) - set(videos))
    if unknown:
        raise UserError(
            f"{path}: has tracks of {unknown[:3]}, which its table of frames does not list",
            fix="give the tables of the shards in the same order, or make the tracks again",
        )
    for (name, _), track in rows.groupby(["video_id", "track_id"], sort=True):
        place = {index: position for position, index in enumerate(videos[name].frame_indices)}
        segmentations: list[dict[str, Any] | None] = [None] * len(place)
        for row in track.itertuples(index=False):
            segmentations[place[row.frame_index]] = {
                "size": [int(row.height_px), int(row.width_px)],
                "counts": row.rle_counts,
            }
        yield {
            "video_id": numbers[name],
            "category_id": int(track.class_id.iloc[0]),
            "score": float(track.score.iloc[0]),
            "segmentations": segmentations,
        }
