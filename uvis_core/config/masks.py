"""Settings of the masks stage."""

from typing import Annotated, Literal

from pydantic import Field

from uvis_core.config.base import Precision, Settings, weights_of

Channels = Annotated[int, Field(ge=1)]


class DetectorModel(Settings):
    """Size of the Cascade Mask R-CNN; the defaults are CutLER's published R50-FPN."""

    depth: Literal[50, 101, 152] = Field(50, description="Layers of the ResNet.")
    stem_channels: Channels = Field(64, description="Channels after the first convolution.")
    res2_channels: Channels = Field(
        256, description="Channels of the first residual stage; doubled by each later one."
    )
    width_per_group: Channels = Field(
        64, description="Channels inside the blocks of the first residual stage; doubled by each later one."
    )
    fpn_channels: Channels = Field(256, description="Channels of every level of the feature pyramid.")
    fc_dim: Channels = Field(1024, description="Width of the two hidden layers of each box head.")
    mask_channels: Channels = Field(256, description="Channels of the mask head.")
    mask_convs: int = Field(4, ge=0, description="3 x 3 convolutions of the mask head.")
    anchor_sizes_px: tuple[float, float, float, float, float] = Field(
        (32, 64, 128, 256, 512),
        description="Side of the square anchors on pyramid levels 2 to 6, in pixels of the resized frame.",
    )
    proposals: int = Field(
        1000,
        ge=1,
        description="Proposals kept before and after non-maximum suppression; more find more and cost more.",
    )
    min_size_px: int = Field(
        800, ge=32, description="Frames are resized until their short side has this length."
    )
    max_size_px: int = Field(
        1333, ge=32, description="The long side is not allowed to become longer than this."
    )


class MasksSettings(Settings):
    """Class-agnostic masks of every frame."""

    backend: Literal["cutler"] = Field(
        "cutler", description="Where masks come from: CutLER's Cascade Mask R-CNN."
    )
    weights: str = Field(
        min_length=1,
        description="Checkpoint in detectron2's layout (.safetensors or .pth), or the known name cutler_cascade "
        "(docs/weights.md); paths start at the folder of the Snakefile.",
        json_schema_extra=weights_of("masks"),
    )
    objectness_floor: float = Field(
        0.1,
        ge=0,
        lt=1,
        description="Masks with an objectness above this are stored. Keep it low: the labels stage applies the real "
        "threshold (0.7 in the paper), and can only choose among what is stored.",
    )
    max_masks_per_frame: int = Field(
        100, ge=1, description="Of these, at most so many per frame, the best first."
    )
    precision: Precision = Field(
        "fp32", description="Arithmetic of the forward pass; bf16 is faster on GPUs and slightly less exact."
    )
    model: DetectorModel = Field(DetectorModel(), description="Size of the model; must fit the weights.")
