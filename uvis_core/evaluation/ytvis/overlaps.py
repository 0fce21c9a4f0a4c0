"""Overlap of the predictions of one video with its truths, taken while the predictions stream by."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from uvis_core.evaluation.identity import IdentityCounts, count_video
from uvis_core.evaluation.predictions.source import Prediction
from uvis_core.evaluation.ytvis.matching import IOU_THRESHOLDS
from uvis_core.io.annotations.model import TrueObject, Video, VideoTruth
from uvis_core.io.overlaps import compare_tubes

# The lowest IoU that any figure asks for.
IOU_FLOOR = float(IOU_THRESHOLDS[0])


@dataclass(frozen=True)
class VideoOverlaps:
    """What the figures need of one video; the masks are gone.

    Attributes:
        truths: The G annotated objects.
        class_ids: Predicted classes in the order of the source, int64 of shape (D,).
        scores: float64 of shape (D,).
        mean_areas_px: Mean area of each prediction over its visible frames, float64 of shape (D,).
        ious: Tube IoU, float64 of shape (D, G); 0 where it is below 0.5 or was not asked for.
        identities: How well identities are kept, one entry per class that is there; none where they were not asked for.
    """

    truths: Sequence[TrueObject]
    class_ids: np.ndarray
    scores: np.ndarray
    mean_areas_px: np.ndarray
    ious: np.ndarray
    identities: Sequence[IdentityCounts]


class OverlapComparison:
    """Gathers the overlaps of one video.

    Args:
        video: The video.
        truth: Its objects.
        identity_floor: Least score of a prediction whose identity is followed. None asks for what average precision
            needs and no more: no identities, and overlaps of one class only unless ``class_agnostic``.
        class_agnostic: Whether a track may cover truths of any class.
    """

    def __init__(
        self, video: Video, truth: VideoTruth, identity_floor: float | None, *, class_agnostic: bool
    ) -> None:
        self.frames = video.frames
        self.truth = truth
        self.identity_floor = identity_floor
        self.class_agnostic = class_agnostic
        self.waiting: list[Prediction] = []
        self.rows: list[tuple[int, float, float]] = []
        self.ious = [np.zeros((0, len(truth.tubes)))]
        self.visible = [np.zeros((video.frames, 0), dtype=bool)]
        self.frame_ious = [np.zeros((video.frames, len(truth.tubes), 0))]

    def add(self, prediction: Prediction) -> None:
        """Let one more prediction wait."""
        self.waiting.append(prediction)

    def compare_waiting(self) -> None:
        """Compare the predictions that wait, and let their masks go."""
        if not self.waiting:
            return
        for prediction in self.waiting:
            self.rows.append((prediction.class_id, prediction.score, prediction.tube.mean_area_px))
        tubes = [prediction.tube for prediction in self.waiting]
        alike = self._alike()
        if self.identity_floor is None:
            followed, compared = np.zeros(len(tubes), dtype=bool), alike
        else:
            followed = np.array([prediction.score >= self.identity_floor for prediction in self.waiting])
            compared = np.ones_like(alike)
        by_frame = followed[:, None] & alike
        frame_ious, ious = compare_tubes(tubes, self.truth.tubes, self.frames, compared, by_frame, IOU_FLOOR)
        self.frame_ious.append(frame_ious[:, followed].transpose(0, 2, 1))
        self.visible += [
            tubes[row].areas_by_frame(self.frames)[:, None] > 0 for row in np.flatnonzero(followed)
        ]
        self.ious.append(ious)
        self.waiting = []

    def _alike(self) -> np.ndarray:
        """Whether each prediction that waits may cover each truth, bool of shape (D, G)."""
        if self.class_agnostic:
            return np.ones((len(self.waiting), len(self.truth.objects)), dtype=bool)
        own, other = ([one.class_id for one in some] for some in (self.waiting, self.truth.objects))
        return np.array(own)[:, None] == np.array(other)

    def finish(self) -> VideoOverlaps:
        """Everything about the video."""
        self.compare_waiting()
        table = np.array(self.rows, dtype=np.float64).reshape(-1, 3)
        class_ids, scores = table[:, 0].astype(np.int64), table[:, 1]
        return VideoOverlaps(
            truths=self.truth.objects,
            class_ids=class_ids,
            scores=scores,
            mean_areas_px=table[:, 2],
            ious=np.concatenate(self.ious),
            identities=() if self.identity_floor is None else self._identities(class_ids, scores),
        )

    def _identities(self, class_ids: np.ndarray, scores: np.ndarray) -> list[IdentityCounts]:
        """How well identities are kept by the predictions that are followed."""
        shown = [tube.areas_by_frame(self.frames) > 0 for tube in self.truth.tubes]
        return count_video(
            self.truth.objects,
            np.array(shown, dtype=bool).reshape(-1, self.frames).T,
            class_ids[scores >= self.identity_floor],
            np.concatenate(self.visible, axis=1),
            np.concatenate(self.frame_ious, axis=2),
            class_agnostic=self.class_agnostic,
        )
