"""Predicted tracks in YTVIS result json, read one at a time.

A results file of long videos is far larger than what the figures need of it, so the list is never held whole.
"""

import math
from collections.abc import Iterator

from uvis_core.evaluation.predictions.repeats import Repeats
from uvis_core.evaluation.predictions.source import MOST, Prediction, Predictions
from uvis_core.io.annotations.listing import Found, read_masks, require, require_id, with_tubes
from uvis_core.io.annotations.model import VideoId
from uvis_core.io.errors import UserError
from uvis_core.io.json_items import iterate_list


class ResultsJson(Predictions):
    """A list of objects with ``video_id``, ``category_id``, ``score`` and ``segmentations``.

    Videos go by the ids that the truth had in its foreign file, classes by those of the truth.
    """

    together = False

    def __iter__(self) -> Iterator[Prediction]:
        """Yield the predictions of known videos and classes, in the order of the file.

        Raises:
            UserError: The file is not such a list, an entry is incomplete or there twice, its score is not within 0 to
                1, or its masks do not fit the video; or no entry at all is for a video of the truth.
        """
        for (video_id, class_id, score), tube in with_tubes(self._wanted(), math.inf):
            yield Prediction(video_id, class_id, score, tube)
        self.check_videos(next(iter(self.truth.by_number), None))

    def _wanted(self) -> Iterator[Found[tuple[VideoId, int, float]]]:
        """Video, class and score of each entry that is to be evaluated, and its masks."""
        repeats = Repeats()
        for number, entry in enumerate(iterate_list(self.path)):
            place = f"{self.path}: prediction number {number}"
            require(place, entry, ["video_id", "category_id", "score", "segmentations"])
            score = entry["score"]
            if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= MOST:
                raise UserError(
                    f"{place}: score is {score!r}",
                    fix="give a confidence of 0 to 1; drop tracks without one",
                )
            for key in ("video_id", "category_id"):
                require_id(place, key, entry[key])
            video = self.truth.by_number.get(entry["video_id"])
            if self.is_wanted(video, entry["video_id"], entry["category_id"]) and video is not None:
                masks = read_masks(place, entry["segmentations"], video)
                facts = (video.video_id, entry["category_id"], score)
                first = repeats.first(number, facts, masks) if masks else number
                if first != number:
                    raise UserError(
                        f"{place}: is prediction number {first} again, of video {video.number!r}, class "
                        f"{entry['category_id']!r} and score {score!r}",
                        fix="list every track once; perhaps the same results were joined twice",
                    )
                yield Found(place, video, masks, (video.video_id, entry["category_id"], float(score)))
