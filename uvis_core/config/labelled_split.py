"""Settings of the labelled split: a part of an annotated train json kept apart for evaluation."""

from pydantic import Field

from uvis_core.config.base import Settings


class LabelledSplitSettings(Settings):
    """How an annotated json is divided into sub-train and sub-val."""

    share: float = Field(
        0.2,
        gt=0,
        lt=1,
        description="Share of the videos, and of every class's videos, that are kept apart as sub-val: tracked and "
        "evaluated, never labelled or trained on.",
    )
    seed: int = Field(0, ge=0, description="Another seed keeps other videos apart.")
