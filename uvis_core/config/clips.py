"""Settings of training samples that are made of single images: synthesised clips, and images at random scales."""

from typing import Annotated

from pydantic import AfterValidator, Field

from uvis_core.config.base import Settings
from uvis_core.config.faults import Misfit

Number = int | float


def ascending(bounds: tuple[Number, Number]) -> tuple[Number, Number]:
    """Refuse a range whose end lies below its beginning."""
    if bounds[0] > bounds[1]:
        raise Misfit(f"{list(bounds)} ends below where it begins", fix=f"write {sorted(bounds)}")
    return bounds


Factor = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Factors = Annotated[tuple[Factor, Factor], AfterValidator(ascending)]
Shares = Annotated[tuple[Share, Share], AfterValidator(ascending)]
PositiveShare = Annotated[float, Field(gt=0, le=1)]
Sides = Annotated[
    tuple[Annotated[int, Field(ge=32)], Annotated[int, Field(ge=32)]], AfterValidator(ascending)
]


class ClipSettings(Settings):
    """ImageCut2Video: clips of one image each (VideoCutLER, section 3.2; the numbers are those of its public code)."""

    frames: int = Field(
        3,
        ge=2,
        description="Frames of a clip. 3, as published, is best (VideoCutLER, table 6); 2 are faster and nearly as "
        "good (section 4).",
    )
    long_side_px: int = Field(
        1333,
        ge=32,
        description="Images whose longer side would exceed this are scaled down further, whatever short_sides_px says.",
    )
    brightness: Factors = Field(
        (0.9, 1.1), description="Range of the factor on the brightness, drawn for every frame."
    )
    contrast: Factors = Field(
        (0.9, 1.1), description="Range of the factor on the contrast, drawn for every frame."
    )
    rotation_deg: float = Field(
        15.0,
        ge=0,
        le=180,
        description="Largest rotation of a frame to either side, degrees. What lies beyond the image is black.",
    )
    rotation_centre: Shares = Field(
        (0.4, 0.6), description="Range of the rotation's centre, in shares of the width and of the height."
    )
    crop_px: Sides = Field(
        (600, 720),
        description="Range of a frame's height and width after cropping, pixels; a side that is not longer stays.",
    )
    paste_scale: Annotated[tuple[PositiveShare, PositiveShare], AfterValidator(ascending)] = Field(
        (0.8, 1.0),
        description="Range of the size of the image whose objects are pasted, drawn for every frame: shares of the "
        "frame's height and width, so the image takes the frame's aspect.",
    )
    covered_share: PositiveShare = Field(
        0.5,
        description="Nothing is pasted into a clip where a pasted object would cover this share or more of any object "
        "in the first frame.",
    )


class JitterSettings(Settings):
    """Large-scale jitter of single images, as VideoCutLER's image stage has it."""

    scale: Factors = Field(
        (0.1, 2.0),
        description="Range of the longer side of the scaled image, in sides of the canvas; the aspect stays.",
    )
    size_px: int = Field(
        896,
        ge=32,
        description="Side of the square canvas, pixels: a larger image is cropped at a random place, a smaller one "
        "padded at the right and bottom.",
    )
