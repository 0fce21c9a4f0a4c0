"""Predicted tracks in YTVIS result json, read one at a time.

A results file of long videos is far larger than what the figures need of it, so the list is never held whole.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uvis_core.evaluation.json_list import iterate_list
from uvis_core.evaluation.splits import VideoId, read_tube, require, require_id
from uvis_core.evaluation.truth import Truth
from uvis_core.io.errors import UserError
from uvis_core.io.tubes import Tube


@dataclass(frozen=True)
class Prediction:
    """One predicted track: its video, class of the data set, confidence and masks."""

    video_id: VideoId
    class_id: int
    score: float
    tube: Tube


class PredictionReader:
    """Reads and checks a results file against a truth.

    Args:
        path: Results json: a list of objects with ``video_id``, ``category_id``, ``score`` and
            ``segmentations``.
        truth: What the predictions are for.
        any_class: Whether predictions are read whatever their class.

    Attributes:
        read: Number of entries read so far.
        unknown_classes: Entries left out by their unknown class id.
        unknown_videos: Entries left out by their unknown video id.
    """

    def __init__(self, path: Path | str, truth: Truth, *, any_class: bool = False) -> None:
        self.path = Path(path)
        self.truth = truth
        self.any_class = any_class
        self.read = 0
        self.unknown_classes: Counter[Any] = Counter()
        self.unknown_videos: Counter[Any] = Counter()

    def __iter__(self) -> Iterator[Prediction]:
        """Yield the predictions of known videos and classes, in the order of the file.

        Raises:
            UserError: The file is not such a list, an entry is incomplete, its score is not finite, or its
                masks do not fit the video; or no entry at all is for a video of the truth.
        """
        for entry in iterate_list(self.path):
            place = f"{self.path}: prediction number {self.read}"
            self.read += 1
            require(place, entry, ["video_id", "category_id", "score", "segmentations"])
            score = entry["score"]
            if isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score):
                raise UserError(
                    f"{place}: score is {score!r}", fix="give a finite number; drop tracks without one"
                )
            for key in ("video_id", "category_id"):
                require_id(place, key, entry[key])
            video = self.truth.videos.get(entry["video_id"])
            if video is None:
                self.unknown_videos[entry["video_id"]] += 1
            elif not self.any_class and entry["category_id"] not in self.truth.class_names:
                self.unknown_classes[entry["category_id"]] += 1
            else:
                tube = read_tube(place, entry["segmentations"], video)
                yield Prediction(video.video_id, entry["category_id"], float(score), tube)
        if self.read and sum(self.unknown_videos.values()) == self.read:
            wrong, right = next(iter(self.unknown_videos)), next(iter(self.truth.videos), None)
            raise UserError(
                f"{self.path}: none of its {self.read} predictions is for a video of {self.truth.path} "
                f"(predictions have ids such as {wrong!r}, the truth such as {right!r})",
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
