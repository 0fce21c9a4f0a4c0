"""Settings of the crops stage."""

from typing import Literal

from pydantic import Field

from uvis_core.config.base import Precision, Settings, WeightsRole, weights_of

Reading = Literal["softmax_max", "softmax_mean", "cosine"]
Background = Literal["keep", "mean", "blur"]


class CropsSettings(Settings):
    """What every mask's crop shows, by a CLIP model and the vocabulary's prompts, or by a model without language."""

    backend: Literal["open_clip", "vit"] = Field(
        "open_clip",
        description="What embeds crops. open_clip: a CLIP model, which compares them with prompts; vit: a "
        "self-supervised vision transformer, which knows no words, for vocabulary null: every crop gets the one class "
        "with class score and cosine 1, and the embeddings serve prototypes and tracking.",
    )
    model: str = Field(
        min_length=1,
        description="open_clip: name known to open_clip, such as ViT-bigG-14, or path of a model configuration (.json) "
        "in open_clip's form; vit: timm's name, such as vit_small_patch14_dinov2. Paths start at the folder of the "
        "Snakefile.",
    )
    weights: str = Field(
        min_length=1,
        description="Checkpoint (.safetensors, .pt, .bin); open_clip: or a tag that open_clip knows for the model and "
        "fetches, such as laion2b_s39b_b160k; vit: or a known name such as dinov2_vits14 (docs/weights.md).",
        json_schema_extra=weights_of("crops", "vit"),
    )
    input_px: int = Field(
        224,
        ge=32,
        description="vit: side of the square that crops are resized to, rounded to whole patches; open_clip models "
        "have their own.",
    )
    precision: Precision = Field(
        "fp32", description="Arithmetic of the forward pass; bf16 is faster on GPUs and slightly less exact."
    )
    margin: float = Field(
        0.1,
        ge=0,
        le=2,
        description="Context around the box, on each side, as a share of the box's width and height.",
    )
    square_padding: bool = Field(
        True,
        description="Pad crops to a square, so that the model sees all of a long object; false keeps the model's own "
        "preparation, which cuts the ends off.",
    )
    background: Background = Field(
        "keep",
        description="Pixels of the crop outside the mask: keep them, replace them by the model's "
        "mean colour, or blur them.",
    )
    reading: Reading = Field(
        "softmax_max",
        description="How cosines become the class score. softmax_max: softmax over the classes of logit scale times "
        "the cosine with the closest prompt (the paper's); softmax_mean: the same with the mean over prompts; "
        "cosine: the closest prompt's cosine itself, about 0.2 to 0.35 with public models, and the only reading "
        "that means something for a vocabulary of one class.",
    )
    top_k: int = Field(
        5, ge=1, description="So many best classes of every crop are stored with logit and cosine."
    )

    @property
    def backend_weights(self) -> WeightsRole:
        """What the chosen backend's weights have to be for."""
        return "crops" if self.backend == "open_clip" else "vit"

    @property
    def unread(self) -> tuple[str, ...]:
        """Keys that the chosen backend does not read: no result depends on them."""
        return ("input_px",) if self.backend == "open_clip" else ("reading", "top_k")
