"""Everything that the page says, gathered from the files of a run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from uvis_core.config.report import ReportSettings
from uvis_core.io.atomic import read_json, write_text
from uvis_core.io.figures import read_figures
from uvis_core.io.row_groups import RowGroups
from uvis_core.io.schemas.base import TableSchema
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.tables import read_table
from uvis_core.io.vocabulary import read_vocabulary
from uvis_core.pages.render import render_page
from uvis_core.report.counts import SCORES, count_confident, count_frames, count_tracks, count_verdicts
from uvis_core.report.overrides import labels_variant
from uvis_core.report.review.chains import chain_labels
from uvis_core.report.review.sample import sample_labels
from uvis_core.report.sections import (
    checks,
    classes,
    clips,
    failures,
    figures,
    pipeline,
    places,
    provenance,
    resources,
    scores,
    suspicious,
    training,
    videos,
)
from uvis_core.report.split_files import SplitFiles

TEMPLATE = Path(__file__).parent / "templates" / "report.html.j2"


@dataclass(frozen=True)
class ReportInputs:
    """Files of a run. What is empty or None the page does without.

    Attributes:
        dataset: Name of the run.
        vocabulary: File of class names.
        train_frames: Frames tables of the labelled split.
        masks: Masks tables of the labelled split.
        labels: Labels tables of the labelled split.
        crops: Crops tables of the labelled split; they know the second class of each label.
        frames: Frames tables of the tracked split.
        tracks: Tracks tables of the main experiment.
        evaluations: Figures of each experiment by name, the main one first.
        truth: Truth table of the tracked split; serves pictures only.
        train_truth: Truth table of the labelled split; likewise.
        label_quality: Figures of the labels against that truth.
        frames_summaries: Summary of the frames stage of each split; files are named by their splits.
        metrics: Training's JSON lines.
        model: The trained model; the page names it.
        exports: Folders of foreign formats, which the page names.
        benchmarks: Folder of Snakemake's benchmark files, which mirror the jobs' outputs.
        configuration: The whole configuration as JSON.
    """

    dataset: str
    vocabulary: str
    train_frames: Sequence[str]
    masks: Sequence[str]
    labels: Sequence[str]
    frames: Sequence[str]
    tracks: Sequence[str]
    evaluations: Mapping[str, str]
    crops: Sequence[str] = ()
    truth: str | None = None
    train_truth: str | None = None
    label_quality: str | None = None
    frames_summaries: Sequence[str] = ()
    metrics: str | None = None
    model: str | None = None
    exports: Sequence[str] = ()
    benchmarks: str | None = None
    configuration: str | None = None

    @property
    def same_videos(self) -> bool:
        """Whether the labelled videos are the tracked ones."""
        return list(self.frames) == list(self.train_frames)


def write_report(path: Path | str, inputs: ReportInputs, settings: ReportSettings) -> None:
    """Write the page. Equal inputs and libraries give equal bytes.

    Raises:
        UserError: A file is missing or damaged.
    """
    write_text(path, render_page(TEMPLATE, gather_facts(inputs, settings)))


def gather_facts(inputs: ReportInputs, settings: ReportSettings) -> dict[str, Any]:
    """Every name that the templates use: those of the page itself, then section by section."""
    names = {entry.id: entry.name for entry in read_vocabulary(inputs.vocabulary).classes}
    evaluations = {name: read_figures(path) for name, path in inputs.evaluations.items()}
    main: Mapping[str, Any] = next(iter(evaluations.values()), {})
    quality = read_figures(inputs.label_quality) if inputs.label_quality else {}
    train_frames = count_frames(tables(inputs.train_frames, FRAMES, ["video_id"]))
    masks = sum(table.num_rows for table in tables(inputs.masks, MASKS, ["mask_id"]))
    labels = count_verdicts(pieces(inputs.labels, LABELS, ["class_id", *SCORES, "kept", "reason"]))
    test_frames = count_frames(tables(inputs.frames, FRAMES, ["video_id"]))
    tracks = count_tracks(tables(inputs.tracks, TRACKS, ["video_id", "track_id", "class_id"]))
    stamps = provenance.read_stamps(
        {
            "frames": inputs.train_frames,
            "masks": inputs.masks,
            "labels": inputs.labels,
            "tracks": inputs.tracks,
        }
    )
    configuration = read_json(inputs.configuration) if inputs.configuration else {}
    variant = labels_variant(configuration)
    results = videos.video_results(main, lambda video_ids: drawn_tracks(inputs, video_ids, settings))
    groups = clips.clip_groups(clip_sources(inputs, results), names, settings)
    labelled = SplitFiles(inputs.train_frames, inputs.masks, inputs.labels, crops=inputs.crops)
    sample = sample_labels(labelled, settings.seed)
    chains = chain_labels(sample.labels)
    return {
        "title": settings.title,
        "dataset": inputs.dataset,
        "same_videos": inputs.same_videos,
        "train_frames": train_frames,
        "test_frames": test_frames,
        **figures.facts(evaluations, names),
        **pipeline.facts(train_frames, masks, labels, tracks, test_frames, names),
        **classes.facts(names, labels.kept_per_class(), tracks.per_class, main, quality),
        **checks.facts(labels, sample, chains, names, variant),
        **videos.facts(results, clips.clip_anchors(groups), settings),
        **scores.facts(labels, provenance.settings_of(stamps, "labels"), quality, len(names), variant),
        **suspicious.facts(sample, chains, labelled, names, settings.suspicious_labels),
        **training.facts(inputs.metrics),
        **clips.facts(groups),
        **failures.facts(inputs.frames_summaries),
        **resources.facts(inputs.benchmarks),
        **provenance.facts(stamps, configuration),
        **places.facts(
            {
                "tracks of the main experiment": inputs.tracks,
                "pseudo-labels, with those removed": inputs.labels,
                "masks": inputs.masks,
                "crops: class scores, embeddings": inputs.crops,
                "frames": inputs.train_frames,
                "frames of the tracked videos": [] if inputs.same_videos else inputs.frames,
            },
            {
                "trained model": inputs.model,
                "class names": inputs.vocabulary,
                "truth of the tracked videos": inputs.truth,
                "truth of the labelled videos": inputs.train_truth,
                "quality of the labels": inputs.label_quality,
                "time and memory of the jobs": inputs.benchmarks,
            },
            inputs.evaluations,
            inputs.exports,
        ),
    }


def tables(paths: Iterable[str], schema: TableSchema, columns: Sequence[str]) -> Iterable[pa.Table]:
    """Some columns of each table, one table at a time."""
    return (read_table(path, schema, columns) for path in paths)


def pieces(paths: Iterable[str], schema: TableSchema, columns: Sequence[str]) -> Iterable[pa.Table]:
    """The same, some ten thousand rows at a time."""
    for path in paths:
        for batch in RowGroups(path, schema).batches(columns):
            yield pa.Table.from_batches([batch])


def drawn_tracks(inputs: ReportInputs, video_ids: Sequence[str], settings: ReportSettings) -> dict[str, int]:
    """Number of the tracks that a clip shows, by video, of these videos; those without any are left out."""
    columns = ["video_id", "track_id", "score"]
    return count_confident(tables(inputs.tracks, TRACKS, columns), video_ids, settings.clip_min_score)


def clip_sources(inputs: ReportInputs, results: Mapping[str, videos.VideoResult]) -> list[clips.ClipSource]:
    """The tracked and the labelled videos; both at once where they are the same."""
    if inputs.same_videos:
        both = SplitFiles(inputs.frames, inputs.masks, inputs.labels, inputs.tracks, inputs.truth)
        return [clips.ClipSource("Videos with labels and tracks", "clip", both, results)]
    tracked = SplitFiles(inputs.frames, tracks=inputs.tracks, truth=inputs.truth)
    labelled = SplitFiles(inputs.train_frames, inputs.masks, inputs.labels, truth=inputs.train_truth)
    return [
        clips.ClipSource("Tracked videos", "clip", tracked, results),
        clips.ClipSource("Labelled videos", "labelled-clip", labelled, {}),
    ]
