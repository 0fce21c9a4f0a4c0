"""Overlap of all predictions with the truths of their videos, taken while the predictions stream by."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from uvis_core.evaluation.matching import IOU_THRESHOLDS
from uvis_core.evaluation.predictions import Prediction
from uvis_core.evaluation.truth import Truth, TruthTrack, VideoId
from uvis_core.evaluation.tubes import tube_ious

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
    """

    truths: Sequence[TruthTrack]
    class_ids: np.ndarray
    scores: np.ndarray
    mean_areas_px: np.ndarray
    ious: np.ndarray


def collect_overlaps(
    predictions: Iterable[Prediction], truth: Truth, batch_bytes: int = BATCH_BYTES
) -> dict[VideoId, VideoOverlaps]:
    """Compare each prediction with every truth of its video.

    Args:
        predictions: Predictions for videos and classes of the truth, in any order.
        truth: The truth.
        batch_bytes: Run lengths held at a time, bytes.

    Returns:
        One entry for every video of the truth, in its order.
    """
    rows: dict[VideoId, list[tuple[int, float, float]]] = defaultdict(list)
    ious: dict[VideoId, list[np.ndarray]] = defaultdict(list)
    waiting: dict[VideoId, list[Prediction]] = defaultdict(list)

    def compare_waiting() -> None:
        for video_id, group in waiting.items():
            truths = [track.tube for track in truth.tracks[video_id]]
            tracks = [prediction.tube for prediction in group]
            ious[video_id].append(tube_ious(tracks, truths, floor=IOU_FLOOR))
        waiting.clear()

    held = 0
    for prediction in predictions:
        tube = prediction.tube
        rows[prediction.video_id].append((prediction.class_id, prediction.score, tube.mean_area_px))
        waiting[prediction.video_id].append(prediction)
        held += tube.size_bytes
        if held >= batch_bytes:
            compare_waiting()
            held = 0
    compare_waiting()
    found = {}
    for video_id, truths in truth.tracks.items():
        table = np.array(rows[video_id], dtype=np.float64).reshape(-1, 3)
        found[video_id] = VideoOverlaps(
            truths=truths,
            class_ids=table[:, 0].astype(np.int64),
            scores=table[:, 1],
            mean_areas_px=table[:, 2],
            ious=np.concatenate(ious[video_id]) if ious[video_id] else np.zeros((0, len(truths))),
        )
    return found
