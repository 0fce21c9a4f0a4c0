"""Which videos are shown, and with what drawn on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from uvis_core.config.report import ReportSettings
from uvis_core.io.tables import read_table
from uvis_core.io.ytvis import video_name
from uvis_core.jobs import progress
from uvis_core.report.clips import Clip, choose_videos, render_clip
from uvis_core.report.layers import Layer, label_layer, track_layer, truth_layer


@dataclass(frozen=True)
class SplitFiles:
    """Files of one split; what it lacks is empty.

    Attributes:
        frames: Tables of schema frames.
        masks: Tables of schema masks.
        labels: Tables of schema labels.
        tracks: Tables of schema tracks.
        truth: Contents of a YTVIS file.
        scores: Mean tube IoU of each video's objects, percent, by the id that the truth gives the video.
    """

    frames: Sequence[str]
    masks: Sequence[str] = ()
    labels: Sequence[str] = ()
    tracks: Sequence[str] = ()
    truth: Mapping[str, Any] | None = None
    scores: Mapping[Any, float | None] = field(default_factory=dict)

    def truth_video(self, video_id: str) -> Mapping[str, Any] | None:
        """The truth's entry of a video; None where there is none, or nothing is annotated at all."""
        if self.truth is None or self.truth.get("annotations") is None:
            return None
        return next((video for video in self.truth["videos"] if video_name(video) == video_id), None)


@dataclass(frozen=True)
class Shown:
    """A clip, how much is drawn in it, and the mean tube IoU of its video's objects in percent, if known."""

    clip: Clip
    counts: tuple[str, ...]
    score: float | None


@dataclass(frozen=True)
class ClipGroup:
    """Clips under one heading; ``left_out`` found no room on the page."""

    title: str
    caption: str
    clips: tuple[Shown, ...]
    left_out: int


def clip_group(
    title: str, files: SplitFiles, names: Mapping[int, str], settings: ReportSettings, budget_bytes: float
) -> ClipGroup | None:
    """Draw the clips of one split.

    Args:
        title: Heading.
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
        for video_id in read_table(path, "frames", ["video_id"])["video_id"].unique().to_pylist()
    }
    chosen = choose_videos(list(tables), settings.clips, settings.seed)
    clips: list[Shown] = []
    used = 0
    for video_id in progress(chosen, total=len(chosen), unit="clip", name=title):
        frames = read_table(tables[video_id], "frames", video_id=video_id).sort_by("frame_index")
        layers = video_layers(video_id, files, names, settings.clip_min_score)
        clip = render_clip(
            video_id,
            frames["path"].to_pylist(),
            frames["frame_index"].to_pylist(),
            frames["timestamp_s"].to_pylist(),
            layers,
            settings.clip_height_px,
            settings.max_clip_frames,
        )
        used += clip.bytes
        if used > budget_bytes:
            break
        video = files.truth_video(video_id)
        counts = tuple(f"{layer.unit}: {len(layer.tubes)}" for layer in layers[1:])
        clips.append(Shown(clip, counts, files.scores.get(video["id"]) if video else None))
    if not clips:
        return None
    return ClipGroup(title, caption(files, settings.clip_min_score), tuple(clips), len(chosen) - len(clips))


def video_layers(video_id: str, files: SplitFiles, names: Mapping[int, str], min_score: float) -> list[Layer]:
    """The plain video, then truth, pseudo-labels and tracks, as far as the split has them."""
    layers = [Layer("Video")]
    truth = None
    video = files.truth_video(video_id)
    if files.truth is not None and video is not None:
        truth = truth_layer(files.truth, video, names, by_class=not files.tracks)
        layers.append(truth)
    if files.labels:
        layers.append(
            label_layer(
                rows_of(files.masks, "masks", video_id), rows_of(files.labels, "labels", video_id), names
            )
        )
    if files.tracks:
        layers.append(track_layer(rows_of(files.tracks, "tracks", video_id), names, min_score, truth))
    return layers


def rows_of(paths: Sequence[str], name: str, video_id: str) -> pa.Table:
    """Rows of one video from whichever of the tables holds them."""
    return pa.concat_tables(
        [read_table(Path(path), name, video_id=video_id).replace_schema_metadata() for path in paths]
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
