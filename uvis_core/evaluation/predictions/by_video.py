"""Predictions handed to what compares them with the truth of their video, one for each video."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from uvis_core.evaluation.predictions.source import Prediction, Predictions
from uvis_core.io.annotations.model import Annotations, Video, VideoId, VideoTruth

# Masks that wait to be compared, decoded as they are; a call on many at once decodes the truths once for all.
BATCH_BYTES = 1 << 23

Result = TypeVar("Result", covariant=True)


class Comparison(Protocol[Result]):
    """Compares the predictions of one video with its truth."""

    def add(self, prediction: Prediction) -> None:
        """Take one more prediction."""

    def compare_waiting(self) -> None:
        """Let the masks go that need not be kept."""

    def finish(self) -> Result:
        """What is left when all predictions were added."""


def compare_videos(
    predictions: Predictions,
    truth: Annotations,
    begin: Callable[[Video, VideoTruth], Comparison[Result]],
    batch_bytes: int = BATCH_BYTES,
) -> dict[VideoId, Result]:
    """Compare the predictions of every video of the truth, those without any included.

    Where all predictions of a video come together, one video's masks are in memory, else ``batch_bytes`` of them and
    the truths of all videos.

    Args:
        predictions: Predictions for videos of the truth.
        truth: The truth.
        begin: Makes the comparison of a video; gets its objects in the order of their classes.
        batch_bytes: Run lengths held at a time, compressed and decoded ones, bytes.

    Returns:
        One entry for every video of the truth, in its order.
    """
    started: dict[VideoId, Comparison[Result]] = {}
    found: dict[VideoId, Result] = {}

    def start(video_id: VideoId) -> Comparison[Result]:
        return begin(truth.videos[video_id], truth.read(video_id).by_class())

    held = 0
    for prediction in predictions:
        video_id = prediction.video_id
        if video_id not in started:
            if predictions.together:
                found |= {done: comparison.finish() for done, comparison in started.items()}
                started.clear()
            started[video_id] = start(video_id)
        started[video_id].add(prediction)
        held += prediction.tube.size_bytes
        if held >= batch_bytes:
            for comparison in started.values():
                comparison.compare_waiting()
            held = 0
    found |= {done: comparison.finish() for done, comparison in started.items()}
    return {
        video_id: found[video_id] if video_id in found else start(video_id).finish()
        for video_id in truth.videos
    }
