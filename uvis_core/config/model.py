"""Size of the segmentation network; the defaults are MinVIS R50 as published."""

from typing import Literal

from pydantic import Field, model_validator

from uvis_core.config.base import Settings

GROUP_NORM_GROUPS = 32
Recipe = Literal["minvis", "image", "videocutler"]
"""How a model is trained, and so what its queries see: single frames, or of VideoCutLER whole clips."""


class ModelSettings(Settings):
    """Mask2Former with a ResNet backbone, as MinVIS uses it (supplement B3 of the UVIS paper)."""

    embedding_size: int = Field(64, ge=1, description="Channels after the backbone's first convolution.")
    hidden_sizes: tuple[int, int, int, int] = Field(
        (256, 512, 1024, 2048), description="Channels of the backbone's stages at strides 4, 8, 16, 32."
    )
    depths: tuple[int, int, int, int] = Field(
        (3, 4, 6, 3), description="Residual blocks in each stage of the backbone."
    )
    layer_type: Literal["bottleneck", "basic"] = Field("bottleneck", description="Kind of residual block.")
    downsample_in_bottleneck: bool = Field(
        False,
        description="Stride 2 in the first 1 x 1 convolution of a stage instead of its 3 x 3 convolution.",
    )
    hidden_dim: int = Field(256, ge=32, description="Width of the pixel decoder and of the query decoder.")
    mask_dim: int = Field(256, ge=1, description="Channels of the per-pixel embedding at stride 4.")
    heads: int = Field(8, ge=1, description="Attention heads in both decoders.")
    encoder_layers: int = Field(6, ge=1, description="Deformable attention layers on strides 8, 16 and 32.")
    encoder_ffn_dim: int = Field(
        1024, ge=1, description="Feed-forward width of the deformable attention layers."
    )
    decoder_layers: int = Field(
        9, ge=1, description="Layers of the query decoder; one more output is supervised."
    )
    decoder_ffn_dim: int = Field(2048, ge=1, description="Feed-forward width of the query decoder.")
    queries: int = Field(100, ge=1, description="Object queries per frame.")
    learned_query_content: bool = Field(
        True,
        description="Whether queries start with a learned content, as published, or empty and told apart by position "
        "alone. In a small model with few queries, learned content outweighs what a query has seen, and tracking, "
        "which compares queries, then follows places instead of objects.",
    )

    @model_validator(mode="after")
    def _widths_fit(self) -> "ModelSettings":
        if self.hidden_dim % GROUP_NORM_GROUPS:
            raise ValueError(
                f"hidden_dim must be a multiple of {GROUP_NORM_GROUPS} (its group normalisation)"
            )
        if self.hidden_dim % self.heads:
            raise ValueError(f"hidden_dim must be a multiple of heads ({self.heads})")
        return self
