"""Settings of the report stage."""

from pydantic import Field

from uvis_core.config.base import Settings


class ReportSettings(Settings):
    """What the report page shows, and how large it may become."""

    title: str = Field(
        "Unsupervised video instance segmentation", min_length=1, description="Heading of the page."
    )
    clips: int = Field(
        4,
        ge=0,
        le=50,
        description="Videos of each split that are drawn by lot and shown as clips; 0 shows none.",
    )
    extreme_clips: int = Field(
        5,
        ge=0,
        le=25,
        description="So many of the worst and of the best tracked videos are listed and shown beside them, where there "
        "is truth to tell which they are.",
    )
    suspicious_labels: int = Field(
        18,
        ge=0,
        le=200,
        description="So many kept labels that are most likely wrong are shown, found without truth in a sample of the "
        "videos; 0 shows none.",
    )
    max_clip_frames: int = Field(48, ge=1, le=300, description="A clip ends after so many frames.")
    clip_height_px: int = Field(
        256,
        ge=64,
        le=540,
        description="Height of each picture in a clip, pixels: larger frames are reduced to it, smaller ones "
        "enlarged by the nearest whole factor.",
    )
    clip_min_score: float = Field(
        0.3,
        ge=0,
        le=1,
        description="Tracks with a lower score are not drawn in the clips; the figures count all.",
    )
    clip_budget_mb: float = Field(
        18,
        ge=0,
        description="Clips are left out once all of them together would exceed this size, megabytes.",
    )
    seed: int = Field(0, ge=0, description="Seed of the choice of videos, and of the sample.")
