"""Settings of the masks stage."""

from typing import Annotated, Literal

from pydantic import Field

from uvis_core.config.base import Precision, Settings, WeightsRole, weights_of
from uvis_core.config.vit import PatchFeatures

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


class MaskCutSettings(Settings):
    """MaskCut: normalised cuts of the patches of a self-supervised vision transformer (CutLER, section 3.2)."""

    model: str = Field(
        "vit_small_patch14_dinov2",
        min_length=1,
        description="Vision transformer by timm's name: vit_small_patch14_dinov2, or with DINO's weights "
        "vit_small_patch16_224, vit_small_patch8_224 or vit_base_patch8_224.",
    )
    features: PatchFeatures = Field(
        "tokens",
        description="What patches are compared by: tokens, the network's output, suits DINOv2; keys, of the last "
        "attention layer, is what MaskCut takes from DINO.",
    )
    short_side_px: int = Field(
        480,
        ge=32,
        description="Frames are resized to about this short side, such that patches fit. Twice as many pixels find "
        "smaller things, at four times the cost of a cut.",
    )
    affinity_threshold: float = Field(
        0.5,
        gt=-1,
        lt=1,
        description="Patches of a cosine similarity above this are linked, others as good as not. 0.5 suits tokens of "
        "DINOv2; MaskCut takes 0.15 with keys of DINO.",
    )
    masks_per_frame: int = Field(
        3, ge=1, description="Cuts per frame; the patches of each found mask are left out of the next cut."
    )
    motion_tolerance: float | None = Field(
        0.5,
        gt=0,
        description="Patches are compared by their motion to the frames before and after as well (optical flow): "
        "motions that differ by this much, as a share of the frame's typical motion against the camera's, count as "
        "60 % alike. Lower tells slower things apart and breaks articulated ones up; null compares looks alone, as "
        "MaskCut does, for still images.",
    )
    filter_radius_px: int = Field(
        16,
        ge=0,
        description="Radius of the guided filter that fits masks to the edges of the frame, in pixels of the frame; 0 "
        "only enlarges the masks of patches.",
    )


class MasksSettings(Settings):
    """Class-agnostic masks of every frame."""

    backend: Literal["cutler", "maskcut"] = Field(
        "cutler",
        description="Where masks come from. cutler: CutLER's trained Cascade Mask R-CNN; maskcut: normalised cuts of "
        "self-supervised features, which need no detector but find few objects per frame.",
    )
    weights: str = Field(
        min_length=1,
        description="cutler: checkpoint in detectron2's layout (.safetensors or .pth), or the known name "
        "cutler_cascade; maskcut: checkpoint of the vision transformer, or a known name such as dinov2_vits14 "
        "(docs/weights.md). Paths start at the folder of the Snakefile.",
        json_schema_extra=weights_of("masks", "vit"),
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
    model: DetectorModel = Field(
        DetectorModel(),
        description="cutler: size of the model; must fit the weights. maskcut does not read it.",
    )
    maskcut: MaskCutSettings = Field(
        MaskCutSettings(), description="maskcut: the cut. cutler does not read it."
    )

    @property
    def backend_weights(self) -> WeightsRole:
        """What the chosen backend's weights have to be for."""
        return "masks" if self.backend == "cutler" else "vit"

    @property
    def unread(self) -> tuple[str, ...]:
        """Keys that the chosen backend does not read: no result depends on them."""
        return ("maskcut",) if self.backend == "cutler" else ("model",)
