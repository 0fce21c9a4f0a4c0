"""Settings of the generated toy world."""

from pydantic import Field

from uvis_core.config.base import Settings


class ToySettings(Settings):
    """How many videos of which size the toy data set has, and how much happens in them."""

    train_videos: int = Field(24, ge=1, le=1000, description="Videos to pseudo-label and train on.")
    test_videos: int = Field(8, ge=1, le=1000, description="Videos to track and evaluate.")
    frames: int = Field(18, ge=2, description="Frames per video.")
    fps: float = Field(6.0, gt=0, description="Frames per second.")
    height: int = Field(128, ge=64, multiple_of=2, description="Height of the videos, pixels (even).")
    width: int = Field(160, ge=64, multiple_of=2, description="Width of the videos, pixels (even).")
    meeting_share: float = Field(
        0.2,
        ge=0,
        le=1,
        description="Share of the things that meet another one half-way; one then hides the other.",
    )
    leaving_share: float = Field(
        0.15,
        ge=0,
        le=1,
        description="Share of the things that leave the view; two thirds of these come back.",
    )
    seed: int = Field(0, ge=0, description="Seed of the world: another seed, other videos.")
