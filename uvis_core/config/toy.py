"""Settings of the generated toy world."""

from pydantic import Field

from uvis_core.config.base import Settings


class ToySettings(Settings):
    """How many videos of which size the toy data set has, how much happens in them, how poor their camera is."""

    train_videos: int = Field(120, ge=1, le=1000, description="Videos to pseudo-label and train on.")
    test_videos: int = Field(40, ge=1, le=1000, description="Videos to track and evaluate.")
    frames: int = Field(18, ge=2, description="Frames per video.")
    fps: float = Field(6.0, gt=0, description="Frames per second.")
    height: int = Field(128, ge=64, multiple_of=2, description="Height of the videos, pixels (even).")
    width: int = Field(160, ge=64, multiple_of=2, description="Width of the videos, pixels (even).")
    meeting_share: float = Field(
        0.08,
        ge=0,
        le=1,
        description="Share of the things that meet another one half-way; one then hides the other.",
    )
    leaving_share: float = Field(
        0.08,
        ge=0,
        le=1,
        description="Share of the things that leave the view; two thirds of these come back.",
    )
    shake_px: float = Field(
        2.5,
        ge=0,
        description="Largest standard deviation of the hand-held camera's trembling from frame to frame, pixels; "
        "each video draws its own.",
    )
    defocus_px: float = Field(
        1.2,
        ge=0,
        description="Largest sigma of the blur while the camera's focus hunts, pixels; 0 keeps all frames sharp.",
    )
    sensor_noise: float = Field(
        8.0,
        ge=0,
        description="Largest standard deviation of the camera's noise, of 255; each video draws its own.",
    )
    light: float = Field(
        0.6,
        ge=0,
        description="How far exposure and colours may be off: the darkest video is exp(-light) times as bright.",
    )
    seed: int = Field(0, ge=0, description="Seed of the world: another seed, other videos.")
