"""Which videos are shown, and with what drawn on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from uvis_core.config.report import ReportSettings
from uvis_core.io.schemas.base import TableSchema
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.tables import read_table
from uvis_core.io.ytvis import video_name
from uvis_core.jobs import progress
from uvis_core.report.clips import Clip, choose_videos, clip_fps, render_clip
from uvis_core.report.layers import Layer, Tube, label_layer, track_layer, truth_layer
from uvis_core.report.switches import switch_marks, switch_texts
from uvis_core.report.videos import VideoResult, worst_and_best


@dataclass(frozen=True)
class SplitFiles:
    """Files of one split; what it lacks is empty.

    Attributes:
        frames: Tables of schema frames.
        masks: Tables of schema masks.
        labels: Tables of schema labels.
        tracks: Tables of schema tracks.
        truth: Contents of a YTVIS file.
        results: How the tracks of each video went, by video.
    """

    frames: Sequence[str]
    masks: Sequence[str] = ()
    labels: Sequence[str] = ()
    tracks: Sequence[str] = ()
    truth: Mapping[str, Any] | None = None
    results: Mapping[str, VideoResult] = field(default_factory=dict)

    def truth_video(self, video_id: str) -> Mapping[str, Any] | None:
        """The truth's entry of a video; None where there is none, or nothing is annotated at all."""
        if self.truth is None or self.truth.get("annotations") is None:
            return None
        return next((video for video in self.truth["videos"] if video_name(video) == video_id), None)


@dataclass(frozen=True)
class Shown:
    """A clip and what is said of it.

    Attributes:
        clip: The clip.
        anchor: Name of its place on the page.
        why: For what it was chosen.
        counts: How much is drawn in it.
        score: Mean tube IoU of its video's objects in percent, if known.
        switches: Number of its identity switches; None where it is not known.
        switch_texts: The first of them in words.
    """

    clip: Clip
    anchor: str
    why: str
    counts: tuple[str, ...]
    score: float | None
    switches: int | None
    switch_texts: Sequence[str]


@dataclass(frozen=True)
class ClipGroup:
    """Clips under one heading; ``left_out`` found no room on the page; ``marked`` if switches are."""

    title: str
    caption: str
    marked: bool
    clips: tuple[Shown, ...]
    left_out: int


def clip_group(
    title: str,
    anchor: str,
    files: SplitFiles,
    names: Mapping[int, str],
    settings: ReportSettings,
    budget_bytes: float,
) -> ClipGroup | None:
    """Draw the clips of one split.

    Args:
        title: Heading.
        anchor: What the names of the clips' places on the page begin with.
        files: What there is of the split.
        names: Class name by class id.
        settings: How many videos, how large.
        budget_bytes: Clips are left out from the first one on that would exceed this in sum.

    Returns:
        The clips, or None where no video is to be shown.
    """
    tables = {
        video_id: path
        for path in files.frames
        for video_id in read_table(path, FRAMES, ["video_id"])["video_id"].unique().to_pylist()
    }
    chosen = chosen_videos(list(tables), files.results, settings)
    clips: list[Shown] = []
    used = 0
    for video_id in progress(chosen, total=len(chosen), unit="clip", name=title):
        frames = read_table(tables[video_id], FRAMES, video_id=video_id).sort_by("frame_index")
        indices, times_s = frames["frame_index"].to_pylist(), frames["timestamp_s"].to_pylist()
        fps = clip_fps(times_s)
        layers = video_layers(video_id, files, names, settings.clip_min_score, fps)
        clip = render_clip(
            video_id,
            frames["path"].to_pylist(),
            indices,
            fps,
            layers,
            settings.clip_height_px,
            settings.max_clip_frames,
        )
        used += clip.bytes
        if used > budget_bytes:
            break
        result = files.results.get(video_id)
        times = dict(zip(indices, times_s, strict=True))
        clips.append(
            Shown(
                clip,
                f"{anchor}-{len(clips)}",
                chosen[video_id],
                tuple(f"{layer.unit}: {len(layer.tubes)}" for layer in layers[1:]),
                result.score if result else None,
                len(result.switches) if result else None,
                switch_texts(result.switches, times, names) if result else (),
            )
        )
    if not clips:
        return None
    return ClipGroup(
        title,
        caption(files, settings.clip_min_score),
        any(shown.switches for shown in clips),
        tuple(clips),
        len(chosen) - len(clips),
    )


def chosen_videos(
    video_ids: Sequence[str], results: Mapping[str, VideoResult], settings: ReportSettings
) -> dict[str, str]:
    """Videos to show and for what they were chosen: by lot, then the worst, then the best of the others."""
    chosen = dict.fromkeys(choose_videos(video_ids, settings.clips, settings.seed), "drawn by lot")
    if settings.clips:
        there = {video_id: result for video_id, result in results.items() if video_id in set(video_ids)}
        for why, some in zip(
            ("among the worst", "among the best"), worst_and_best(there, settings.extreme_clips), strict=True
        ):
            for result in some:
                earlier = chosen.get(result.video_id)
                chosen[result.video_id] = f"{earlier}, {why}" if earlier else why
    return chosen


def video_layers(
    video_id: str, files: SplitFiles, names: Mapping[int, str], min_score: float, fps: float
) -> list[Layer]:
    """The plain video, then truth, pseudo-labels and tracks, as far as the split has them."""
    layers = [Layer("Video")]
    truth = None
    marks: list[Tube] = []
    video = files.truth_video(video_id)
    if files.truth is not None and video is not None:
        truth = truth_layer(files.truth, video, names, by_class=not files.tracks)
        layers.append(truth)
        if video_id in files.results:
            marks = switch_marks(files.truth, video, files.results[video_id].switches, fps)
    if files.labels:
        layers.append(
            label_layer(rows_of(files.masks, MASKS, video_id), rows_of(files.labels, LABELS, video_id), names)
        )
    if files.tracks:
        tracks = track_layer(rows_of(files.tracks, TRACKS, video_id), names, min_score, truth)
        layers.append(replace(tracks, marks=marks))
    return layers


def rows_of(paths: Sequence[str], schema: TableSchema, video_id: str) -> pa.Table:
    """Rows of one video from whichever of the tables holds them."""
    return pa.concat_tables(
        [read_table(Path(path), schema, video_id=video_id).replace_schema_metadata() for path in paths]
    )


def caption(files: SplitFiles, min_score: float) -> str:
    """What the colours mean."""
    parts = []
    if files.labels:
        parts.append(
            "Pseudo-labels have the colour of their class and show its score; they are made frame by frame."
        )
    if files.tracks:
        parts.append("A track keeps one colour.")
        if files.truth:
            parts[-1] = (
                "A track keeps one colour, that of the object it covers best: an object that changes its colour has "
                "changed its identity."
            )
        parts.append(f"Tracks with a score below {min_score:g} are not drawn.")
    return " ".join(parts)
