"""Section of the clips: which videos are shown, and with what drawn on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from uvis_core.config.report import ReportSettings
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.jobs import progress
from uvis_core.report.drawing.clips import RenderedClip, clip_fps, render_clip
from uvis_core.report.drawing.layers import Layer, label_layer, switch_marks, track_layer, truth_layer
from uvis_core.report.sections.videos import VideoResult, switch_texts, worst_and_best
from uvis_core.report.split_files import SplitFiles

MARK_HELD_S = 0.5
WORST, BEST = "among the worst", "among the best"


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

    clip: RenderedClip
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


@dataclass(frozen=True)
class ClipSource:
    """What the clips of one group are made of.

    Attributes:
        title: Heading.
        anchor: What the names of the clips' places on the page begin with.
        files: Of their split.
        results: How the tracks of each video went, by video; empty where that is not known.
    """

    title: str
    anchor: str
    files: SplitFiles
    results: Mapping[str, VideoResult]


def facts(groups: Sequence[ClipGroup]) -> dict[str, Any]:
    """What the section shows of these clips."""
    return {
        "clip_groups": groups,
        "clips_mb": sum(shown.clip.bytes for group in groups for shown in group.clips) / 1e6,
    }


def clip_anchors(groups: Sequence[ClipGroup]) -> dict[str, str]:
    """Place on the page by video, of the clips with results."""
    return {
        shown.clip.video_id: shown.anchor
        for group in groups
        for shown in group.clips
        if shown.switches is not None
    }


def clip_groups(
    sources: Sequence[ClipSource], names: Mapping[int, str], settings: ReportSettings
) -> list[ClipGroup]:
    """Draw the clips of every source; each has an equal part of the room on the page.

    Args:
        sources: Where they come from.
        names: Class name by class id.
        settings: How many videos, how large.
    """
    budget_bytes = settings.clip_budget_mb * 1e6 / len(sources)
    groups = [clip_group(source, names, settings, budget_bytes) for source in sources]
    return [group for group in groups if group is not None]


def clip_group(
    source: ClipSource, names: Mapping[int, str], settings: ReportSettings, budget_bytes: float
) -> ClipGroup | None:
    """Draw the clips of one source.

    Args:
        source: Where they come from.
        names: Class name by class id.
        settings: How many videos, how large.
        budget_bytes: Clips are left out from the first one on that would exceed this in sum.

    Returns:
        The clips, or None where no video is to be shown.
    """
    files = source.files
    chosen = chosen_videos(files.video_ids, source.results, settings)
    drawn: dict[str, Shown] = {}
    used = 0
    # Those that went worst come first, so that they have room.
    by_need = sorted(chosen, key=lambda video_id: WORST not in chosen[video_id])
    for video_id in progress(by_need, total=len(chosen), unit="clip", name=source.title):
        frames = files.rows(files.frames, FRAMES, video_id).sort_by("frame_index")
        indices, times_s = frames["frame_index"].to_pylist(), frames["timestamp_s"].to_pylist()
        fps = clip_fps(times_s)
        result = source.results.get(video_id)
        layers = video_layers(video_id, files, result, names, settings.clip_min_score, fps)
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
        times = dict(zip(indices, times_s, strict=True))
        drawn[video_id] = Shown(
            clip,
            f"{source.anchor}-{list(chosen).index(video_id)}",
            chosen[video_id],
            tuple(f"{layer.unit}: {len(layer.objects)}" for layer in layers[1:]),
            result.score if result else None,
            len(result.switches) if result else None,
            switch_texts(result.switches, times, names) if result else (),
        )
    if not drawn:
        return None
    clips = [drawn[video_id] for video_id in chosen if video_id in drawn]
    return ClipGroup(
        source.title,
        caption(files, settings.clip_min_score),
        any(shown.switches for shown in clips),
        tuple(clips),
        len(chosen) - len(clips),
    )


def drawn_by_lot(video_ids: pa.ChunkedArray, count: int, seed: int) -> list[str]:
    """Draw ``count`` videos (or all, if there are fewer) by seed; in the order of their names."""
    order = pc.sort_indices(video_ids).to_numpy()
    drawn = np.random.default_rng(seed).permutation(len(order))[:count]
    return video_ids.take(pa.array(order[np.sort(drawn)])).to_pylist()


def chosen_videos(
    video_ids: pa.ChunkedArray, results: Mapping[str, VideoResult], settings: ReportSettings
) -> dict[str, str]:
    """Videos to show and for what they were chosen: by lot, then the worst, then the best of the others."""
    chosen = dict.fromkeys(drawn_by_lot(video_ids, settings.clips, settings.seed), "drawn by lot")
    if settings.clips:
        known = pc.is_in(pa.array(list(results), pa.string()), value_set=video_ids).to_pylist()
        there = dict(compress(results.items(), known))
        for why, some in zip((WORST, BEST), worst_and_best(there, settings.extreme_clips), strict=True):
            for result in some:
                earlier = chosen.get(result.video_id)
                chosen[result.video_id] = f"{earlier}, {why}" if earlier else why
    return chosen


def video_layers(
    video_id: str,
    files: SplitFiles,
    result: VideoResult | None,
    names: Mapping[int, str],
    min_score: float,
    fps: float,
) -> list[Layer]:
    """The plain video, then truth, pseudo-labels and tracks, as far as the split has them."""
    layers = [Layer("Video")]
    truth = files.true_video(video_id)
    true_layer = None if truth is None else truth_layer(truth, names, by_class=not files.tracks)
    if true_layer is not None:
        layers.append(true_layer)
    if files.labels:
        masks, labels = files.rows(files.masks, MASKS, video_id), files.rows(files.labels, LABELS, video_id)
        layers.append(label_layer(masks, labels, names))
    if files.tracks:
        tracks = track_layer(files.rows(files.tracks, TRACKS, video_id), names, min_score, true_layer)
        if truth is not None and result is not None:
            switches = ((switch.frame_index, switch.object_id) for switch in result.switches)
            marks = switch_marks(truth, switches, held=max(1, round(MARK_HELD_S * fps)))
            tracks = replace(tracks, marks=marks)
        layers.append(tracks)
    return layers


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
