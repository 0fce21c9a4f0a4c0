"""J, F and J&F of DAVIS, unsupervised protocol: proposals are given to objects by the Hungarian method.

Caelles et al., "The 2019 DAVIS challenge on VOS: unsupervised multi-object segmentation", 2019.
"""

import heapq
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from uvis_core.evaluation.boundaries import Boundary, boundary_f, tolerance_px
from uvis_core.evaluation.davis_annotations import read_davis_truth
from uvis_core.evaluation.predictions import Prediction, PredictionReader
from uvis_core.evaluation.splits import VideoId
from uvis_core.evaluation.truth import Truth, TruthTrack, read_truth
from uvis_core.io.rle import decode_masks
from uvis_core.io.tubes import Tube

MAX_PROPOSALS = 20
RECALL_THRESHOLD = 0.5
DAVIS_FIGURES = ("J&F", "J", "F", "J_recall", "F_recall")


def evaluate_davis(ground_truth: Path | str, predictions: Path | str) -> dict[str, Any]:
    """Take J, F and J&F of a results file; classes do not count.

    Args:
        ground_truth: Truth in YTVIS json, or a folder of DAVIS annotations.
        predictions: Results in YTVIS json; with a folder as truth, ``video_id`` is the name of the video's
            folder.

    Returns:
        Ready for json: J&F, J, F and the recalls of J and F (share of frames above 0.5) as means over all
        objects, -1 without any; ``protocol``, ``class_agnostic``, ``per_object``, ``counts`` and
        ``warnings``.

    Raises:
        UserError: One of the inputs cannot be evaluated; names the entry.
    """
    is_folder = Path(ground_truth).is_dir()
    truth = read_davis_truth(ground_truth) if is_folder else read_truth(ground_truth)
    reader = PredictionReader(predictions, truth, any_class=True)
    proposals = best_proposals(reader, truth)
    rows = []
    for video_id, tracks in truth.tracks.items():
        objects = [track for track in tracks if not track.crowd]
        void = [track for track in tracks if track.crowd]
        regions, boundaries = assign(
            *compare_video(objects, void, proposals[video_id], truth.videos[video_id].frames)
        )
        for track, region, boundary in zip(objects, regions, boundaries, strict=True):
            rows.append(
                {
                    "video_id": video_id,
                    "object": track.annotation_id,
                    "J": float(region.mean()),
                    "F": float(boundary.mean()),
                    "J_recall": float((region > RECALL_THRESHOLD).mean()),
                    "F_recall": float((boundary > RECALL_THRESHOLD).mean()),
                }
            )
    names = ("J", "F", "J_recall", "F_recall")
    means = {name: float(np.mean([row[name] for row in rows])) if rows else -1.0 for name in names}
    return {
        "J&F": (means["J"] + means["F"]) / 2,
        **means,
        "protocol": "davis",
        "class_agnostic": True,
        "per_object": rows,
        "counts": {
            "videos": len(truth.videos),
            "truths": len(rows),
            "predictions": reader.read,
            "predictions_evaluated": sum(map(len, proposals.values())),
            "predictions_of_unknown_video": sum(reader.unknown_videos.values()),
        },
        "warnings": [*truth.warnings, *reader.warnings()],
    }


def best_proposals(predictions: Iterable[Prediction], truth: Truth) -> dict[VideoId, list[Tube]]:
    """The twenty most confident tracks of every video, best first; of equal scores the earlier ones."""
    heaps: dict[VideoId, list[tuple[float, int, Tube]]] = {video_id: [] for video_id in truth.videos}
    for order, prediction in enumerate(predictions):
        heap = heaps[prediction.video_id]
        heapq.heappush(heap, (prediction.score, -order, prediction.tube))
        if len(heap) > MAX_PROPOSALS:
            heapq.heappop(heap)
    return {video_id: [tube for *_, tube in sorted(heap, reverse=True)] for video_id, heap in heaps.items()}


def compare_video(
    objects: Sequence[TruthTrack], void: Sequence[TruthTrack], proposals: Sequence[Tube], frames: int
) -> tuple[np.ndarray, np.ndarray]:
    """Compare all objects of one video with all proposals.

    A pixel belongs to the most confident proposal that claims it: the protocol's images hold one per pixel.

    Args:
        objects: G objects.
        void: What counts neither way.
        proposals: P proposals, best first; empty ones are added up to G.
        frames: T.

    Returns:
        J and F of every pair in every frame, each float64 of shape (T, P or G, G).
    """
    if not objects:
        return np.zeros((0, 0, 0)), np.zeros((0, 0, 0))
    places = max(len(proposals), len(objects))
    regions, boundaries = np.zeros((2, frames, places, len(objects)))
    distance = tolerance_px(objects[0].tube.height_px, objects[0].tube.width_px)
    for frame in range(frames):
        is_void = np.any([_mask(track.tube, frame) for track in void], axis=0) if void else False
        truths = [_mask(track.tube, frame) & ~np.asarray(is_void) for track in objects]
        owner = np.zeros(truths[0].shape, dtype=np.int64)
        for index in reversed(range(len(proposals))):
            owner[_mask(proposals[index], frame)] = index + 1
        owner[np.broadcast_to(is_void, owner.shape)] = 0
        areas = np.bincount(owner.ravel(), minlength=places + 1)[1:]
        outlines = [Boundary(owner == index + 1) for index in range(places)]
        for column, mask in enumerate(truths):
            shared = np.bincount(owner[mask], minlength=places + 1)[1:]
            union = areas + np.count_nonzero(mask) - shared
            regions[frame, :, column] = np.where(union > 0, shared / np.maximum(union, 1), 1.0)
            outline = Boundary(mask)
            boundaries[frame, :, column] = [boundary_f(other, outline, distance) for other in outlines]
    return regions, boundaries


def assign(regions: np.ndarray, boundaries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give each object the proposal of its own that makes the sum of all J&F highest.

    Args:
        regions: J, float64 of shape (T, P, G).
        boundaries: F, likewise.

    Returns:
        J and F of the objects, each float64 of shape (G, T).
    """
    if regions.size == 0:
        return np.zeros((0, 0)), np.zeros((0, 0))
    rows, columns = linear_sum_assignment((regions + boundaries).mean(axis=0), maximize=True)
    rows = rows[np.argsort(columns)]
    objects = np.arange(regions.shape[2])
    return regions[:, rows, objects].T, boundaries[:, rows, objects].T


def _mask(tube: Tube, frame: int) -> np.ndarray:
    """One mask, bool of shape (H, W)."""
    counts = tube.counts.get(frame)
    if counts is None:
        return np.zeros((tube.height_px, tube.width_px), dtype=bool)
    return decode_masks([counts], tube.height_px, tube.width_px)[0]
