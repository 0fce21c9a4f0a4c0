"""J, F and J&F of DAVIS, unsupervised protocol: proposals are given to objects by the Hungarian method.

Caelles et al., "The 2019 DAVIS challenge on VOS: unsupervised multi-object segmentation", 2019.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from uvis_core.evaluation.davis.boundaries import Boundary, boundary_f, tolerance_px
from uvis_core.evaluation.predictions.by_video import compare_videos
from uvis_core.evaluation.predictions.source import Prediction, Predictions
from uvis_core.io.annotations.model import Annotations, Video, VideoTruth
from uvis_core.io.rle import decode_masks
from uvis_core.io.tubes import Tube

MAX_PROPOSALS = 20
RECALL_THRESHOLD = 0.5
DAVIS_FIGURES = ("J&F", "J", "F", "J_recall", "F_recall")


def evaluate_davis(truth: Annotations, predictions: Predictions) -> dict[str, Any]:
    """Take J, F and J&F of predictions; classes do not count.

    Args:
        truth: The truth.
        predictions: Predictions of any class.

    Returns:
        Ready for json: J&F, J, F and the recalls of J and F (share of frames above 0.5) as means over all
        objects, -1 without any; ``protocol``, ``class_agnostic``, ``per_object``, ``counts`` and
        ``warnings``.

    Raises:
        UserError: A prediction cannot be evaluated; names it.
    """
    videos = compare_videos(predictions, truth, ProposalComparison)
    rows = [row for found in videos.values() for row in found.rows]
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
            "predictions": predictions.read,
            "predictions_evaluated": sum(found.proposals for found in videos.values()),
            "predictions_of_unknown_video": sum(predictions.unknown_videos.values()),
        },
        "warnings": [*truth.warnings, *predictions.warnings()],
    }


@dataclass(frozen=True)
class VideoRegions:
    """One video's objects, a row each with its J and F, and how many proposals were compared."""

    rows: Sequence[dict[str, Any]]
    proposals: int


class ProposalComparison:
    """Keeps a video's twenty most confident tracks, of equal scores the earlier ones, and compares them at the end."""

    def __init__(self, video: Video, truth: VideoTruth) -> None:
        self.video = video
        self.truth = truth
        self.heap: list[tuple[float, int, Tube]] = []
        self.added = 0

    def add(self, prediction: Prediction) -> None:
        """Keep one more prediction if it is among the best so far."""
        tube = replace(prediction.tube, runs=None)
        heapq.heappush(self.heap, (prediction.score, -self.added, tube))
        self.added += 1
        if len(self.heap) > MAX_PROPOSALS:
            heapq.heappop(self.heap)

    def compare_waiting(self) -> None:
        """Nothing can be compared before the best are known."""

    def finish(self) -> VideoRegions:
        """Compare the best with the objects."""
        proposals = [tube for *_, tube in sorted(self.heap, reverse=True)]
        pairs = list(zip(self.truth.objects, self.truth.tubes, strict=True))
        objects = [tube for found, tube in pairs if not found.crowd]
        void = [tube for found, tube in pairs if found.crowd]
        regions, boundaries = assign(*compare_video(objects, void, proposals, self.video.frames))
        ids = [found.object_id for found in self.truth.objects if not found.crowd]
        rows = [
            {
                "video_id": self.video.video_id,
                "object": object_id,
                "J": float(region.mean()),
                "F": float(boundary.mean()),
                "J_recall": float((region > RECALL_THRESHOLD).mean()),
                "F_recall": float((boundary > RECALL_THRESHOLD).mean()),
            }
            for object_id, region, boundary in zip(ids, regions, boundaries, strict=True)
        ]
        return VideoRegions(rows, len(proposals))


def compare_video(
    objects: Sequence[Tube], void: Sequence[Tube], proposals: Sequence[Tube], frames: int
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
    distance = tolerance_px(objects[0].height_px, objects[0].width_px)
    for frame in range(frames):
        is_void = np.any([_mask(tube, frame) for tube in void], axis=0) if void else False
        truths = [_mask(tube, frame) & ~np.asarray(is_void) for tube in objects]
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
