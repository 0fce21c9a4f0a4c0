"""Everything that the page says, gathered from the files of a run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from uvis_core.config.report import ReportSettings
from uvis_core.io.atomic import read_json, write_text
from uvis_core.io.schemas.base import TableSchema
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.tables import read_table
from uvis_core.io.vocabulary import Vocabulary, read_vocabulary
from uvis_core.jobs import library_versions
from uvis_core.report import confusion, figures, funnel, pipeline, precision_recall, quality
from uvis_core.report.curves import read_metrics, training_charts
from uvis_core.report.gallery import ClipGroup, SplitFiles, clip_group
from uvis_core.report.page import render_page
from uvis_core.report.resources import overall_usage, read_usage, stage_usage
from uvis_core.report.scores import score_histograms
from uvis_core.report.stamps import read_stamps, thresholds
from uvis_core.report.videos import VideoResult, video_results, worst_and_best

VIDEOS_LISTED = 8


@dataclass(frozen=True)
class ReportInputs:
    """Files of a run. What is empty or None the page does without.

    Attributes:
        dataset: Name of the run.
        vocabulary: File of class names.
        train_frames: Frames tables of the labelled split.
        masks: Masks tables of the labelled split.
        labels: Labels tables of the labelled split.
        labels_json: The same labels as a data set in YTVIS layout; the page names it.
        frames: Frames tables of the tracked split.
        tracks: Tracks tables of the main experiment.
        evaluations: Figures of each experiment by name, the main one first.
        truth: YTVIS file of the tracked split.
        train_truth: YTVIS file of the labelled split; serves pictures only.
        label_quality: Figures of the labels against that truth.
        frames_summaries: Summary of the frames stage of each split; files are named by their splits.
        metrics: Training's JSON lines.
        usage: Job names with the files of their resource use; a name begins with its stage and a slash.
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
    labels_json: str | None = None
    truth: str | None = None
    train_truth: str | None = None
    label_quality: str | None = None
    frames_summaries: Sequence[str] = ()
    metrics: str | None = None
    usage: Sequence[tuple[str, str]] = ()
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
    write_text(path, render_page(gather_facts(inputs, settings)))


def gather_facts(inputs: ReportInputs, settings: ReportSettings) -> dict[str, Any]:
    """Every name that the templates use."""
    vocabulary = read_vocabulary(inputs.vocabulary)
    names = {entry.id: entry.name for entry in vocabulary.classes}
    evaluations = {name: read_json(path) for name, path in inputs.evaluations.items()}
    main: Mapping[str, Any] = next(iter(evaluations.values()), {})
    truth = read_json(inputs.truth) if inputs.truth else None
    results = video_results(main, truth)
    label_quality = read_json(inputs.label_quality) if inputs.label_quality else {}
    confused = confusion.confusion_rows(main, names)
    labels = funnel.count_labels(
        tables(inputs.labels, LABELS, ["class_id", *funnel.SCORES, "kept", "reason"])
    )
    masks = sum(table.num_rows for table in tables(inputs.masks, MASKS, ["mask_id"]))
    tracks = funnel.count_tracks(tables(inputs.tracks, TRACKS, ["video_id", "track_id", "class_id"]))
    train_frames = funnel.count_frames(tables(inputs.train_frames, FRAMES, ["video_id"]))
    test_frames = funnel.count_frames(tables(inputs.frames, FRAMES, ["video_id"]))
    reasons = funnel.reasons_present(labels)
    stamps = read_stamps(
        {
            "frames": inputs.train_frames,
            "masks": inputs.masks,
            "labels": inputs.labels,
            "tracks": inputs.tracks,
        }
    )
    stages = stage_usage([read_usage(name, path) for name, path in inputs.usage])
    classes = figures.class_figures(
        names, labels.kept_per_class(), tracks.per_class, main, quality.class_f1(label_quality)
    )
    groups = clip_groups(inputs, names, truth, results, settings)
    return {
        "title": settings.title,
        "dataset": inputs.dataset,
        "same_videos": inputs.same_videos,
        "train_frames": train_frames,
        "test_frames": test_frames,
        "experiments": figures.experiments(evaluations),
        "headline": figures.headline(main),
        "class_agnostic": bool(main.get("class_agnostic")),
        "further": figures.further_figures(main),
        "precision_recall": precision_recall.mean_chart(main),
        "class_curves": precision_recall.class_charts(main, names),
        "confusion_rows": confused if confusion.fits_page(confused) else [],
        "confusions": confusion.most_frequent(confused),
        "stations": pipeline.stations(train_frames, masks, labels, tracks, test_frames),
        "masks_total": masks,
        "verdicts": pipeline.verdicts(masks, labels),
        "reasons": pipeline.removals(reasons),
        "class_rows": funnel.class_rows(labels, names, reasons),
        "classes": classes,
        "ranked_classes": figures.by_ap(classes),
        "extremes": worst_and_best(results, VIDEOS_LISTED),
        "switches": sum(len(result.switches) for result in results.values()),
        "clip_anchors": {
            shown.clip.video_id: shown.anchor
            for group in groups
            for shown in group.clips
            if shown.switches is not None
        },
        "histograms": score_histograms(labels, thresholds(stamps)),
        "label_figures": quality.label_figures(label_quality),
        "label_charts": quality.threshold_charts(label_quality),
        "own_thresholds": has_own_thresholds(vocabulary),
        "training": training_charts(read_metrics(inputs.metrics)) if inputs.metrics else [],
        "clip_groups": groups,
        "clips_mb": sum(shown.clip.bytes for group in groups for shown in group.clips) / 1e6,
        "failures": failures(inputs.frames_summaries),
        "stages": stages,
        "overall": overall_usage(stages),
        "configuration": as_yaml(read_json(inputs.configuration)) if inputs.configuration else "",
        "libraries": library_versions(),
        "stamps": stamps,
        "labels_json": inputs.labels_json,
    }


def tables(paths: Iterable[str], schema: TableSchema, columns: Sequence[str]) -> Iterable[pa.Table]:
    """Some columns of each table, one table at a time."""
    return (read_table(path, schema, columns) for path in paths)


def has_own_thresholds(vocabulary: Vocabulary) -> bool:
    """Whether a class has thresholds of its own."""
    return any(value is not None for entry in vocabulary.classes for _, value in entry.thresholds)


def clip_groups(
    inputs: ReportInputs,
    names: Mapping[int, str],
    truth: Mapping[str, Any] | None,
    results: Mapping[str, VideoResult],
    settings: ReportSettings,
) -> list[ClipGroup]:
    """Clips of the tracked and of the labelled videos; of both at once where they are the same."""
    if inputs.same_videos:
        both = SplitFiles(inputs.frames, inputs.masks, inputs.labels, inputs.tracks, truth, results)
        parts = [("Videos with labels and tracks", "clip", both)]
    else:
        train_truth = read_json(inputs.train_truth) if inputs.train_truth else None
        tracked = SplitFiles(inputs.frames, tracks=inputs.tracks, truth=truth, results=results)
        labelled = SplitFiles(inputs.train_frames, inputs.masks, inputs.labels, truth=train_truth)
        parts = [("Tracked videos", "clip", tracked), ("Labelled videos", "labelled-clip", labelled)]
    budget_bytes = settings.clip_budget_mb * 1e6 / len(parts)
    groups = [
        clip_group(title, anchor, files, names, settings, budget_bytes) for title, anchor, files in parts
    ]
    return [group for group in groups if group is not None]


def failures(summaries: Sequence[str]) -> list[dict[str, str]]:
    """Every video that could not be read, with its split and the reason."""
    return [
        {"split": Path(path).stem, "video_id": failure["video_id"], "reason": failure["reason"]}
        for path in summaries
        for failure in read_json(path)["failures"]
    ]


def as_yaml(configuration: Mapping[str, Any]) -> str:
    """The configuration as it would stand in config.yaml."""
    return yaml.safe_dump(configuration, sort_keys=False, allow_unicode=True, width=88).rstrip()
