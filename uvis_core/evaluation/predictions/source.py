"""Predicted tracks of whatever source: what is read of one, and what is left out."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from uvis_core.io.annotations.model import Annotations, Video, VideoId
from uvis_core.io.errors import UserError
from uvis_core.io.tubes import Tube

MOST = 1 + 1e-6
"""The largest score, with room for the rounding of means."""


@dataclass(frozen=True)
class Prediction:
    """One predicted track: its video, class of the data set, confidence and masks."""

    video_id: VideoId
    class_id: int
    score: float
    tube: Tube


class Predictions(ABC):
    """Reads predictions and checks them against a truth.

    Args:
        path: Where they are, for messages.
        truth: What the predictions are for.
        any_class: Whether predictions are read whatever their class.

    Attributes:
        together: Whether all predictions of a video come one after the other.
        read: Number of tracks read so far.
        unknown_classes: Tracks left out by their unknown class id.
        unknown_videos: Tracks left out by their unknown video.
    """

    together: ClassVar[bool]

    def __init__(self, path: Path, truth: Annotations, *, any_class: bool = False) -> None:
        self.path = path
        self.truth = truth
        self.any_class = any_class
        self.read = 0
        self.unknown_classes: Counter[Any] = Counter()
        self.unknown_videos: Counter[Any] = Counter()

    @abstractmethod
    def __iter__(self) -> Iterator[Prediction]:
        """Yield the predictions of known videos and classes, those of one video in the order of the source.

        Raises:
            UserError: The source or a prediction cannot be used; or no prediction at all is for a video of the truth.
        """

    def is_wanted(self, video: Video | None, video_id: VideoId, class_id: VideoId) -> bool:
        """Count one track; whether its video is known and its class is too, where that matters."""
        self.read += 1
        if video is None:
            self.unknown_videos[video_id] += 1
        elif not self.any_class and class_id not in self.truth.class_names:
            self.unknown_classes[class_id] += 1
        else:
            return True
        return False

    def check_videos(self, known: VideoId | None) -> None:
        """See that some prediction was for a video of the truth, of which ``known`` is one.

        Raises:
            UserError: There are predictions, and none of them is.
        """
        if self.read and sum(self.unknown_videos.values()) == self.read:
            wrong = next(iter(self.unknown_videos))
            raise UserError(
                f"{self.path}: none of its {self.read} predictions is for a video of {self.truth.path} "
                f"(predictions have ids such as {wrong!r}, the truth such as {known!r})",
                fix="evaluate against the truth of the same split, with its video ids unchanged",
            )

    def warnings(self) -> list[str]:
        """What was left out so far, in words with counts."""
        found = []
        for what, left_out in (("class", self.unknown_classes), ("video", self.unknown_videos)):
            if left_out:
                ids = sorted(map(repr, left_out))
                shown = ", ".join(ids[:10]) + (", ..." if len(ids) > 10 else "")
                number = sum(left_out.values())
                found.append(
                    f"{self.path}: {number} prediction(s) left out, {what} id not in the truth: {shown}"
                )
        if not self.read:
            found.append(f"{self.path}: the list of predictions is empty")
        return found
