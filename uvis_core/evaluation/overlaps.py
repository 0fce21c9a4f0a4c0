"""Overlap of all predictions with the truths of their videos, taken while the predictions stream by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from uvis_core.evaluation.matching import IOU_THRESHOLDS
from uvis_core.evaluation.predictions import Prediction
from uvis_core.evaluation.splits import VideoId
from uvis_core.evaluation.truth import Truth, TruthTrack
from uvis_core.io.tubes import frame_and_tube_ious, tube_ious

# Masks that wait to be compared; a call on many at once reads the truths' run lengths once for all.
BATCH_BYTES = 1 << 24
# The lowest IoU that any figure asks for.
IOU_FLOOR = float(IOU_THRESHOLDS[0])


@dataclass(frozen=True)
class VideoOverlaps:
    """What the figures need of one video; the masks are gone.

    Attributes:
        truths: The G annotated objects.
        class_ids: Predicted classes in the order of the file, int64 of shape (D,).
        scores: float64 of shape (D,).
        mean_areas_px: Mean area of each prediction over its visible frames, float64 of shape (D,).
        ious: Tube IoU, float64 of shape (D, G); 0 where it is below 0.5.
        followed: Predictions whose identity is followed from frame to frame, int64 of shape (K,).
        visible: Whether each of these is to be seen in each frame, bool of shape (T, K).
        frame_ious: IoU of their masks with the true masks in every frame, float64 of shape (T, G, K).
    """

    truths: Sequence[TruthTrack]
    class_ids: np.ndarray
    scores: np.ndarray
    mean_areas_px: np.ndarray
    ious: np.ndarray
    followed: np.ndarray
    visible: np.ndarray
    frame_ious: np.ndarray


def collect_overlaps(
    predictions: Iterable[Prediction], truth: Truth, identity_floor: float, batch_bytes: int = BATCH_BYTES
) -> dict[VideoId, VideoOverlaps]:
    """Compare each prediction with every truth of its video.

    Args:
        predictions: Predictions for videos and classes of the truth, in any order.
        truth: The truth.
        identity_floor: Least score of a prediction whose identity is followed.
        batch_bytes: Run lengths held at a time, bytes.

    Returns:
        One entry for every video of the truth, in its order.
    """
    collectors = {
        video_id: _Collector(video.frames, truth.tracks[video_id], identity_floor)
        for video_id, video in truth.videos.items()
    }
    held = 0
    for prediction in predictions:
        collectors[prediction.video_id].waiting.append(prediction)
        held += prediction.tube.size_bytes
        if held >= batch_bytes:
            for collector in collectors.values():
                collector.compare_waiting()
            held = 0
    return {video_id: collector.finish() for video_id, collector in collectors.items()}


class _Collector:
    """Gathers the overlaps of one video."""

    def __init__(self, frames: int, truths: Sequence[TruthTrack], identity_floor: float) -> None:
        self.frames = frames
        self.truths = truths
        self.identity_floor = identity_floor
        self.waiting: list[Prediction] = []
        self.rows: list[tuple[int, float, float]] = []
        self.ious = [np.zeros((0, len(truths)))]
        self.visible: list[np.ndarray] = []
        self.frame_ious: list[np.ndarray] = []

    def compare_waiting(self) -> None:
        """Compare the predictions that wait, and let their masks go."""
        if not self.waiting:
            return
        truths = [track.tube for track in self.truths]
        for prediction in self.waiting:
            self.rows.append((prediction.class_id, prediction.score, prediction.tube.mean_area_px))
        is_followed = np.array([prediction.score >= self.identity_floor for prediction in self.waiting])
        ious = np.zeros((len(self.waiting), len(truths)))
        others = [p.tube for p in self.waiting if p.score < self.identity_floor]
        ious[~is_followed] = tube_ious(others, truths, floor=IOU_FLOOR)
        followed = [p.tube for p in self.waiting if p.score >= self.identity_floor]
        if followed:
            by_frame, ious[is_followed] = frame_and_tube_ious(followed, truths, self.frames)
            self.frame_ious.append(by_frame.transpose(0, 2, 1))
            self.visible.append(np.stack([tube.areas_by_frame(self.frames) > 0 for tube in followed], axis=1))
        self.ious.append(np.where(ious >= IOU_FLOOR, ious, 0.0))
        self.waiting = []

    def finish(self) -> VideoOverlaps:
        """Everything about the video."""
        self.compare_waiting()
        table = np.array(self.rows, dtype=np.float64).reshape(-1, 3)
        return VideoOverlaps(
            truths=self.truths,
            class_ids=table[:, 0].astype(np.int64),
            scores=table[:, 1],
            mean_areas_px=table[:, 2],
            ious=np.concatenate(self.ious),
            followed=np.flatnonzero(table[:, 1] >= self.identity_floor),
            visible=np.concatenate([np.zeros((self.frames, 0), dtype=bool), *self.visible], axis=1),
            frame_ious=np.concatenate(
                [np.zeros((self.frames, len(self.truths), 0)), *self.frame_ious], axis=2
            ),
        )
