"""All figures of a results file."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from uvis_core.config.evaluation import EvaluationSettings
from uvis_core.evaluation.average_precision import mean_where_defined
from uvis_core.evaluation.breakdown import class_confusion, video_rows
from uvis_core.evaluation.davis import DAVIS_FIGURES, evaluate_davis
from uvis_core.evaluation.figures import group_curves, protocol_figures, threshold_index
from uvis_core.evaluation.identity import follow_identities
from uvis_core.evaluation.overlaps import VideoOverlaps, collect_overlaps
from uvis_core.evaluation.precision_recall import class_curves, mean_curves
from uvis_core.evaluation.predictions import PredictionReader
from uvis_core.evaluation.protocols import PROTOCOLS
from uvis_core.evaluation.truth import Truth, read_truth

log = logging.getLogger("uvis")


def evaluate_tracks(
    ground_truth: Path | str, predictions: Path | str, settings: EvaluationSettings
) -> dict[str, Any]:
    """Take all figures of a results file.

    Memory is that of the truth and one batch of predictions.

    Args:
        ground_truth: Truth in YTVIS or OVIS json; for ``davis`` also a folder of DAVIS annotations.
        predictions: Results json: a list of objects with video_id, category_id, score and segmentations.
        settings: Protocol, and whether classes count.

    Returns:
        Ready for json: every figure of the protocol by its name (a fraction, or -1 where no truth falls into
        its bin), HOTA, DetA, AssA and IDF1, ``identity_switches``, ``protocol``, ``class_agnostic``,
        ``per_class``, ``precision_recall``, ``class_curves``, ``confusion``, ``per_video``, ``counts`` and
        ``warnings``; for protocol ``davis`` what ``evaluate_davis`` gives, and where ``settings.davis`` asks for them
        its figures and ``per_object`` beside the others.

    Raises:
        UserError: One of the files cannot be evaluated; names the entry.
    """
    if settings.protocol == "davis":
        figures = evaluate_davis(ground_truth, predictions)
    else:
        figures = _evaluate_instances(ground_truth, predictions, settings)
        if settings.davis:
            regions = evaluate_davis(ground_truth, predictions)
            figures |= {name: regions[name] for name in (*DAVIS_FIGURES, "per_object")}
    for warning in figures["warnings"]:
        log.warning("%s", warning)
    return figures


def _evaluate_instances(
    ground_truth: Path | str, predictions: Path | str, settings: EvaluationSettings
) -> dict[str, Any]:
    protocol = PROTOCOLS[settings.protocol]
    truth = read_truth(ground_truth, with_occlusion=settings.protocol == "ovis")
    reader = PredictionReader(predictions, truth)
    overlaps = collect_overlaps(reader, truth, settings.identity_score_floor)
    videos = list(overlaps.values())
    classes: list[int | None] = [None] if settings.class_agnostic else list(truth.class_names)
    precision, recalls = group_curves(videos, classes, protocol)
    return {
        **protocol_figures(protocol, precision, recalls),
        **follow_identities(overlaps, settings.class_agnostic),
        "protocol": protocol.name,
        "class_agnostic": settings.class_agnostic,
        "per_class": [] if settings.class_agnostic else _class_rows(truth, videos, precision, recalls[10]),
        "precision_recall": mean_curves(precision[:, 0]),
        "class_curves": [] if settings.class_agnostic else class_curves(precision[:, 0], truth.class_names),
        "confusion": class_confusion(videos, list(truth.class_names)),
        "per_video": video_rows(overlaps, settings.class_agnostic),
        "counts": _counts(truth, reader, videos),
        "warnings": [*truth.warnings, *reader.warnings()],
    }


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
            "AP50": mean_where_defined(precision[index, 0, threshold_index(0.5)]),
            "AR10": mean_where_defined(recall[index, 0]),
            "truths": truths.count(class_id),
            "predictions": int(np.count_nonzero(predicted == class_id)),
        }
        for index, (class_id, name) in enumerate(truth.class_names.items())
    ]


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
