"""Settings of the tracks stage."""

from typing import Literal, Self

from pydantic import Field, model_validator

from uvis_core.config.base import Precision, Settings
from uvis_core.config.faults import Misfit


class TracksSettings(Settings):
    """How instances are followed through a video."""

    tracker: Literal["memory", "minvis", "clip", "deepsort"] = Field(
        "memory",
        description="memory: query matching with the tracking memory of UVIS; minvis: query matching from "
        "frame to frame; clip: the model sees many frames at once (VideoCutLER, section 3.3); deepsort: DeepSORT over "
        "the pseudo-labels, without a trained model.",
    )
    memory_weight: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Lambda of eq. 2: weight of the current frame's queries against the mean of all earlier "
        "ones. Higher follows changes of looks, lower survives occlusion; 1 is minvis. Trackers memory and clip use "
        "it, clip between the windows of a long video.",
    )
    clip_frames: int = Field(
        60,
        ge=1,
        description="Frames that tracker clip sees at once; its memory use follows from this alone. A video not longer "
        "is seen whole, as published, a longer one in windows of so many frames.",
    )
    overlap: int = Field(
        12,
        ge=0,
        description="Frames that neighbouring windows of tracker clip share, fewer than clip_frames. Tracks are joined "
        "by their masks in them and by their queries; at 0, by their queries alone.",
    )
    predictions: int = Field(
        10, ge=1, description="Tracks kept per video, the best by score; the protocol scores up to 100."
    )
    short_side_px: int = Field(
        360, ge=32, description="Frames are scaled to this shorter side for the model."
    )
    precision: Precision = Field("fp32", description="Arithmetic of the model; bf16 is faster on GPUs.")
    parked_masks: Literal["fp16", "fp32"] = Field(
        "fp16",
        description="How a video's low-resolution masks wait on the temporary disk. fp16 moves about one "
        "pixel in 50,000, at mask borders; fp32 takes twice the space.",
    )
    max_age: int = Field(
        30, ge=1, description="Frames for which deepsort keeps looking for an instance that is not seen."
    )
    confirm_after: int = Field(
        1, ge=1, description="Frames with a detection that deepsort asks of a track; 1 keeps every detection."
    )
    max_cosine_distance: float = Field(
        0.2,
        ge=0,
        le=2,
        description="Distance of crop embeddings up to which deepsort may join them to a track.",
    )

    @model_validator(mode="after")
    def _windows_go_on(self) -> Self:
        if self.overlap >= self.clip_frames:
            raise Misfit(
                f"overlap: {self.overlap} frames, but a window has only {self.clip_frames} (clip_frames)",
                fix=f"set overlap to {self.clip_frames - 1} or less (a fifth is the default), or raise clip_frames",
            )
        return self

    @property
    def needs_model(self) -> bool:
        """Whether the tracker follows the queries of a trained model."""
        return self.tracker != "deepsort"
