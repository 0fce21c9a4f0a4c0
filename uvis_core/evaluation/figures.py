"""YTVIS and OVIS figures of a results file."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from uvis_core.config.evaluation import EvaluationSettings
from uvis_core.evaluation.average_precision import RECALL_POINTS, Curve, accumulate, mean_where_defined
from uvis_core.evaluation.breakdown import class_confusion, video_rows
from uvis_core.evaluation.matching import IOU_THRESHOLDS, Matches, match_group
from uvis_core.evaluation.overlaps import VideoOverlaps, collect_overlaps
from uvis_core.evaluation.predictions import PredictionReader
from uvis_core.evaluation.protocols import MAX_TRACKS, PROTOCOLS, Protocol
from uvis_core.evaluation.truth import Truth, read_truth

log = logging.getLogger("uvis")


def evaluate_tracks(
    ground_truth: Path | str, predictions: Path | str, settings: EvaluationSettings
) -> dict[str, Any]:
    """Take all figures of a results file.

    Memory is that of the truth and one batch of predictions.

    Args:
        ground_truth: Truth in YTVIS or OVIS json.
        predictions: Results json: a list of objects with video_id, category_id, score and segmentations.
        settings: Protocol, and whether classes count.

    Returns:
        Ready for json: every figure of the protocol by its name (a fraction, or -1 where no truth falls into
        its bin), ``protocol``, ``class_agnostic``, ``per_class``, ``precision_recall``, ``confusion``,
        ``per_video``, ``counts`` and ``warnings``.

    Raises:
        UserError: One of the files cannot be evaluated; names the entry.
    """
    protocol = PROTOCOLS[settings.protocol]
    truth = read_truth(ground_truth, with_occlusion=settings.protocol == "ovis")
    reader = PredictionReader(predictions, truth)
    overlaps = collect_overlaps(reader, truth)
    warnings = [*truth.warnings, *reader.warnings()]
    for warning in warnings:
        log.warning("%s", warning)
    videos = list(overlaps.values())
    classes: list[int | None] = [None] if settings.class_agnostic else list(truth.class_names)
    precision, recalls = group_curves(videos, classes, protocol)
    return {
        **protocol_figures(protocol, precision, recalls),
        "protocol": protocol.name,
        "class_agnostic": settings.class_agnostic,
        "per_class": [] if settings.class_agnostic else _class_rows(truth, videos, precision, recalls[10]),
        "precision_recall": _precision_recall(precision[:, 0]),
        "confusion": class_confusion(videos, list(truth.class_names)),
        "per_video": video_rows(overlaps, settings.class_agnostic),
        "counts": _counts(truth, reader, videos),
        "warnings": warnings,
    }


def protocol_figures(
    protocol: Protocol, precision: np.ndarray, recalls: dict[int, np.ndarray]
) -> dict[str, float]:
    """The protocol's figures in its order.

    Args:
        protocol: Names and definitions.
        precision: float64 of shape (K, B, T, 101) for K groups; -1 where a group has no truth in a bin.
        recalls: By number of tracks per video, float64 of shape (K, B, T), -1 likewise.
    """
    figures = {}
    for figure in protocol.figures:
        source = precision if figure.kind == "precision" else recalls[figure.max_tracks]
        values = source[:, figure.bin_index]
        if figure.iou is not None:
            values = values[:, _threshold_index(figure.iou)]
        figures[figure.name] = mean_where_defined(values)
    return figures


def _threshold_index(iou: float) -> int:
    return int(np.argmin(np.abs(IOU_THRESHOLDS - iou)))


def group_curves(
    videos: Sequence[VideoOverlaps], classes: Sequence[int | None], protocol: Protocol
) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    """Match all videos, group by group.

    Args:
        videos: Overlaps of every video.
        classes: K groups, each a class, or None for all objects whatever their class.
        protocol: Bins.

    Returns:
        Precision, float64 of shape (K, B, T, 101), and by number of tracks per video the recall, float64 of
        shape (K, B, T); -1 where a group has no truth in a bin.
    """
    curves: list[dict[int, Curve]] = []
    for class_id in classes:
        found = [match for video in videos if (match := _match_video(video, class_id, protocol)) is not None]
        curves.append({n: accumulate(found, len(protocol.bins), len(IOU_THRESHOLDS), n) for n in MAX_TRACKS})
    precision = np.stack([group[MAX_TRACKS[-1]].precision for group in curves])
    return precision, {n: np.stack([group[n].recall for group in curves]) for n in MAX_TRACKS}


def _match_video(video: VideoOverlaps, class_id: int | None, protocol: Protocol) -> Matches | None:
    """Match one group in one video; None where it has neither truth nor prediction."""
    if class_id is None:
        # Equal scores stand in the order of the classes, then of the file, as in the official tools.
        chosen = np.argsort(video.class_ids, kind="stable")
        columns = list(range(len(video.truths)))
    else:
        chosen = np.flatnonzero(video.class_ids == class_id)
        columns = [index for index, track in enumerate(video.truths) if track.class_id == class_id]
    if not len(chosen) and not columns:
        return None
    order = chosen[np.argsort(-video.scores[chosen], kind="stable")][: MAX_TRACKS[-1]]
    truths = [video.truths[index] for index in columns]
    return match_group(
        ious=video.ious[order][:, columns],
        scores=video.scores[order],
        outside=np.stack([part.excludes_predictions(video.mean_areas_px[order]) for part in protocol.bins]),
        crowd=np.array([track.crowd for track in truths], dtype=bool),
        truth_ignored=np.stack([part.excludes_truths(truths) for part in protocol.bins]),
    )


def _class_rows(
    truth: Truth, videos: Sequence[VideoOverlaps], precision: np.ndarray, recall: np.ndarray
) -> list[dict[str, Any]]:
    """AP, AP50, AR10 and numbers of every class; crowds are not among its truths."""
    truths = [track.class_id for track in truth.all_tracks if not track.crowd]
    predicted = np.concatenate([video.class_ids for video in videos]) if videos else np.zeros(0)
    return [
        {
            "class_id": class_id,
            "name": name,
            "AP": mean_where_defined(precision[index, 0]),
            "AP50": mean_where_defined(precision[index, 0, _threshold_index(0.5)]),
            "AR10": mean_where_defined(recall[index, 0]),
            "truths": truths.count(class_id),
            "predictions": int(np.count_nonzero(predicted == class_id)),
        }
        for index, (class_id, name) in enumerate(truth.class_names.items())
    ]


def _precision_recall(precision: np.ndarray) -> dict[str, list[float]]:
    """Precision at each recall point, mean over the groups with truth; empty lists where none has any.

    Args:
        precision: float64 of shape (K, T, 101).
    """
    known = precision[precision[:, 0, 0] > -1]
    mean = known.mean(axis=0) if len(known) else np.zeros((len(IOU_THRESHOLDS), 0))
    return {
        "recall": RECALL_POINTS.tolist(),
        "precision_iou50": mean[_threshold_index(0.5)].tolist(),
        "precision_iou75": mean[_threshold_index(0.75)].tolist(),
        "precision_mean": mean.mean(axis=0).tolist(),
    }


def _counts(truth: Truth, reader: PredictionReader, videos: Sequence[VideoOverlaps]) -> dict[str, int]:
    crowd = [track.crowd for track in truth.all_tracks]
    return {
        "videos": len(truth.videos),
        "truths": len(crowd) - sum(crowd),
        "crowd_truths": sum(crowd),
        "predictions": reader.read,
        "predictions_evaluated": sum(len(video.scores) for video in videos),
        "predictions_of_unknown_class": sum(reader.unknown_classes.values()),
        "predictions_of_unknown_video": sum(reader.unknown_videos.values()),
    }
