"""Settings of a prediction: what is left out is taken from the model, as it was tested."""

from typing import Literal

from pydantic import Field

from uvis_core.config.base import Precision, Settings

AS_TESTED = "Left out: as the model was tested."


class PredictSettings(Settings):
    """How instances are followed through new videos, and what is drawn of them."""

    tracker: Literal["memory", "minvis", "clip"] | None = Field(
        None,
        description="memory: matching with the tracking memory; minvis: from frame to frame; clip: many frames at "
        f"once. {AS_TESTED}",
    )
    memory_weight: float | None = Field(
        None,
        ge=0,
        le=1,
        description=f"Lambda: higher follows changes of looks, lower survives occlusion. {AS_TESTED}",
    )
    clip_frames: int | None = Field(
        None, ge=1, description=f"Frames that tracker clip sees at once. {AS_TESTED}"
    )
    overlap: int | None = Field(
        None,
        ge=0,
        description=f"Frames that neighbouring windows of tracker clip share, fewer than clip_frames. {AS_TESTED}",
    )
    predictions: int | None = Field(
        None, ge=1, description=f"Tracks kept per video, the best by score. {AS_TESTED}"
    )
    short_side_px: int | None = Field(
        None, ge=32, description=f"Frames are scaled to this shorter side for the model. {AS_TESTED}"
    )
    precision: Precision | None = Field(
        None, description=f"Arithmetic of the model; bf16 is faster on GPUs. {AS_TESTED}"
    )
    min_score: float = Field(
        0.3, ge=0, le=1, description="Tracks with a lower score are not drawn; table and json hold them too."
    )
