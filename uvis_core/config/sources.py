"""Settings of the sources: the videos of both splits, or one annotated json that is divided into them."""

import os
from typing import Self

from pydantic import Field, model_validator

from uvis_core.config.base import Settings
from uvis_core.config.faults import Misfit
from uvis_core.config.frames import SourceSettings
from uvis_core.config.labelled_split import LabelledSplitSettings


class Sources(Settings):
    """Where the videos come from."""

    obtain: str | None = Field(
        None,
        description="What to download and where to put it: said when a file or folder of a source is missing.",
    )

    train: SourceSettings | None = Field(
        description="Videos that are pseudo-labelled and trained on; null where a finished model tracks those of test."
    )
    test: SourceSettings | None = Field(
        None, description="Videos that are tracked and evaluated; null tracks the training videos themselves."
    )
    split: LabelledSplitSettings | None = Field(
        None,
        description="The labelled split: divides the annotated json of sources.train (kind ytvis, the json as path and "
        "as truth; sources.test null) by video into sub-train, which becomes train, and sub-val, which becomes test. "
        "{} takes the defaults.",
    )

    @model_validator(mode="after")
    def _there_are_videos(self) -> Self:
        if self.train is None and self.test is None:
            raise Misfit("train and test are both null: there are no videos", fix="give one of them")
        return self

    @model_validator(mode="after")
    def _split_has_labels(self) -> Self:
        if self.split is not None:
            if self.train is None or self.train.kind != "ytvis" or self.train.truth != self.train.path:
                raise Misfit(
                    "split divides an annotated json: train needs kind ytvis and the same json as path and truth",
                    fix="correct sources.train, or set sources.split to null",
                )
            if self.test is not None:
                raise Misfit(
                    "split makes the test videos out of those of train, but test is given too",
                    fix="set sources.test to null",
                )
        return self

    @model_validator(mode="after")
    def _test_is_not_train(self) -> Self:
        # The toy world draws other videos for each split.
        if self.train and self.test and self.test.kind != "toy" and _videos(self.test) == _videos(self.train):
            raise Misfit(
                f"test.path: {self.test.path!r} are the videos of train",
                fix="set sources.test to null: the training videos are then tracked, and evaluated by their own truth",
            )
        return self


def _videos(source: SourceSettings) -> tuple[object, ...]:
    """What two sources of the same videos have in common."""
    paths = (source.path,) if isinstance(source.path, str) else source.path or ()
    return source.kind, source.image_root, {os.path.normpath(path) for path in paths}
