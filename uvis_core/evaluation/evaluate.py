"""All figures of predicted tracks."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from uvis_core.config.evaluation import EvaluationSettings
from uvis_core.evaluation.breakdown import class_confusion, video_rows
from uvis_core.evaluation.davis.figures import DAVIS_FIGURES, evaluate_davis
from uvis_core.evaluation.identity import identity_figures
from uvis_core.evaluation.predictions.by_video import compare_videos
from uvis_core.evaluation.predictions.results import ResultsJson
from uvis_core.evaluation.predictions.source import Predictions
from uvis_core.evaluation.predictions.tables import TrackTables
from uvis_core.evaluation.ytvis.curves import class_curves, mean_curves, mean_where_defined
from uvis_core.evaluation.ytvis.figures import group_curves, protocol_figures
from uvis_core.evaluation.ytvis.matching import threshold_index
from uvis_core.evaluation.ytvis.overlaps import OverlapComparison, VideoOverlaps
from uvis_core.evaluation.ytvis.protocols import PROTOCOLS
from uvis_core.io.annotations.model import Annotations, VideoId
from uvis_core.io.annotations.read import read_annotations
from uvis_core.io.errors import UserError

log = logging.getLogger("uvis")


def evaluate_tracks(
    ground_truth: Path | str,
    predictions: Sequence[Path | str],
    settings: EvaluationSettings,
    frames: Sequence[Path | str] = (),
) -> dict[str, Any]:
    """Take all figures of predictions.

    From tables, the masks of one video are in memory at a time; from json, those of the truth and of a batch of
    predictions.

    Args:
        ground_truth: Table of truth, json in YTVIS or OVIS layout, or folder of DAVIS annotations.
        predictions: The tracks tables of all shards, or one results json: a list of objects with video_id,
            category_id, score and segmentations.
        settings: Protocol, and whether classes count.
        frames: Frames tables beside tracks tables, in the same order; their videos must be as long as the truth's.

    Returns:
        Ready for json: every figure of the protocol by its name (a fraction, or -1 where no truth falls into
        its bin), HOTA, DetA, AssA and IDF1, ``identity_switches`` (``video_id``, ``frame_index``, ``annotation_id`` and
        ``class_id`` of each change of the track that covers an object at an IoU of 0.5 or more), ``protocol``,
        ``class_agnostic``, ``per_class``, ``precision_recall``, ``class_curves``, ``confusion``, ``per_video``,
        ``counts`` and ``warnings``; for protocol ``davis`` what ``evaluate_davis`` gives, and where ``settings.davis``
        asks for them its figures and ``per_object`` beside the others. Videos go by their names where the truth is
        a table, by the ids of the json where it is one.

    Raises:
        UserError: One of the files cannot be evaluated; names the entry.
    """
    truth = read_annotations(ground_truth)
    if settings.protocol == "davis":
        figures = evaluate_davis(truth, _read(predictions, frames, truth, any_class=True))
    else:
        figures = _evaluate_instances(truth, _read(predictions, frames, truth), settings)
        if settings.davis:
            regions = evaluate_davis(truth, _read(predictions, frames, truth, any_class=True))
            figures |= {name: regions[name] for name in (*DAVIS_FIGURES, "per_object")}
    for warning in figures["warnings"]:
        log.warning("%s", warning)
    return figures


def average_precision(
    ground_truth: Path | str,
    predictions: Sequence[Path | str],
    settings: EvaluationSettings,
    frames: Sequence[Path | str] = (),
) -> dict[str, Any]:
    """Take the figures of a protocol and nothing else, in less time: overlaps of other classes are not looked at.

    Args:
        ground_truth: As ``evaluate_tracks`` takes it.
        predictions: Likewise.
        settings: Protocol ytvis or ovis, and whether classes count.
        frames: As ``evaluate_tracks`` takes them.

    Returns:
        What ``evaluate_tracks`` gives as figures of the protocol, ``protocol``, ``class_agnostic``, ``counts`` and
        ``warnings``.

    Raises:
        UserError: One of the files cannot be evaluated; names the entry. The protocol has no average precision.
    """
    if settings.protocol == "davis":
        raise UserError(
            "protocol davis: has J and F, and no average precision",
            fix="choose ytvis or ovis, or take all figures",
        )
    truth = read_annotations(ground_truth)
    found = _read(predictions, frames, truth)
    videos = list(_overlaps(truth, found, settings, identity_floor=None).values())
    figures = {
        **protocol_figures(PROTOCOLS[settings.protocol], *_curves(truth, videos, settings)),
        **_facts(truth, found, videos, settings),
    }
    for warning in figures["warnings"]:
        log.warning("%s", warning)
    return figures


def _read(
    paths: Sequence[Path | str], frames: Sequence[Path | str], truth: Annotations, *, any_class: bool = False
) -> Predictions:
    """The predictions: a results json, or tracks tables."""
    if all(Path(path).suffix == ".parquet" for path in paths):
        return TrackTables(paths, truth, frames, any_class=any_class)
    if len(paths) > 1 or frames:
        raise UserError(
            f"{paths[0]}: stands beside {len(paths) - 1} further predictions and {len(frames)} frames tables",
            fix="give one results json alone, or tracks tables",
        )
    return ResultsJson(Path(paths[0]), truth, any_class=any_class)


def _evaluate_instances(
    truth: Annotations, predictions: Predictions, settings: EvaluationSettings
) -> dict[str, Any]:
    overlaps = _overlaps(truth, predictions, settings, settings.identity_score_floor)
    videos = list(overlaps.values())
    precision, recalls = _curves(truth, videos, settings)
    return {
        **protocol_figures(PROTOCOLS[settings.protocol], precision, recalls),
        **identity_figures([counts for video in videos for counts in video.identities]),
        "identity_switches": _switches(overlaps),
        **_facts(truth, predictions, videos, settings),
        "per_class": [] if settings.class_agnostic else _class_rows(truth, videos, precision, recalls[10]),
        "precision_recall": mean_curves(precision[:, 0]),
        "class_curves": [] if settings.class_agnostic else class_curves(precision[:, 0], truth.class_names),
        "confusion": class_confusion(videos, list(truth.class_names)),
        "per_video": video_rows(overlaps, settings.class_agnostic),
    }


def _overlaps(
    truth: Annotations, predictions: Predictions, settings: EvaluationSettings, identity_floor: float | None
) -> dict[VideoId, VideoOverlaps]:
    """Compare all videos; ``identity_floor`` as ``OverlapComparison`` takes it."""
    if settings.protocol == "ovis" and truth.occlusion_fault:
        raise UserError(
            truth.occlusion_fault,
            fix="evaluate with --protocol ytvis, or give annotations with occlusion levels",
        )
    begin = partial(OverlapComparison, identity_floor=identity_floor, class_agnostic=settings.class_agnostic)
    return compare_videos(predictions, truth, begin)


def _curves(
    truth: Annotations, videos: Sequence[VideoOverlaps], settings: EvaluationSettings
) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    """Precision and recalls of every class, or of all objects where classes do not count."""
    classes: list[int | None] = [None] if settings.class_agnostic else list(truth.class_names)
    return group_curves(videos, classes, PROTOCOLS[settings.protocol])


def _facts(
    truth: Annotations,
    predictions: Predictions,
    videos: Sequence[VideoOverlaps],
    settings: EvaluationSettings,
) -> dict[str, Any]:
    """What was evaluated, and how."""
    return {
        "protocol": settings.protocol,
        "class_agnostic": settings.class_agnostic,
        "counts": _counts(predictions, videos),
        "warnings": [*truth.warnings, *predictions.warnings()],
    }


def _switches(overlaps: Mapping[VideoId, VideoOverlaps]) -> list[dict[str, Any]]:
    """Where the track changed that covers an object."""
    return [
        {
            "video_id": video_id,
            "frame_index": frame,
            "annotation_id": video.truths[index].object_id,
            "class_id": video.truths[index].class_id,
        }
        for video_id, video in overlaps.items()
        for counts in video.identities
        for frame, index in counts.switches
    ]


def _class_rows(
    truth: Annotations, videos: Sequence[VideoOverlaps], precision: np.ndarray, recall: np.ndarray
) -> list[dict[str, Any]]:
    """AP, AP50, AR10 and numbers of every class; crowds are not among its truths."""
    truths = Counter(true.class_id for video in videos for true in video.truths if not true.crowd)
    predicted = np.concatenate([video.class_ids for video in videos]) if videos else np.zeros(0)
    return [
        {
            "class_id": class_id,
            "name": name,
            "AP": mean_where_defined(precision[index, 0]),
            "AP50": mean_where_defined(precision[index, 0, threshold_index(0.5)]),
            "AR10": mean_where_defined(recall[index, 0]),
            "truths": truths[class_id],
            "predictions": int(np.count_nonzero(predicted == class_id)),
        }
        for index, (class_id, name) in enumerate(truth.class_names.items())
    ]


def _counts(predictions: Predictions, videos: Sequence[VideoOverlaps]) -> dict[str, int]:
    crowd = [true.crowd for video in videos for true in video.truths]
    return {
        "videos": len(videos),
        "truths": len(crowd) - sum(crowd),
        "crowd_truths": sum(crowd),
        "predictions": predictions.read,
        "predictions_evaluated": sum(len(video.scores) for video in videos),
        "predictions_of_unknown_class": sum(predictions.unknown_classes.values()),
        "predictions_of_unknown_video": sum(predictions.unknown_videos.values()),
    }
