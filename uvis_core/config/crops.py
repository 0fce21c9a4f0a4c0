"""Settings of the crops stage."""

from typing import Literal

from pydantic import Field

from uvis_core.config.base import Precision, Settings, weights_of

Reading = Literal["softmax_max", "softmax_mean", "cosine"]
Background = Literal["keep", "mean", "blur"]


class CropsSettings(Settings):
    """What every mask's crop shows, by a CLIP model and the vocabulary's prompts."""

    backend: Literal["open_clip"] = Field("open_clip", description="What compares crops with prompts.")
    model: str = Field(
        min_length=1,
        description="Name known to open_clip, such as ViT-bigG-14, or path of a model configuration (.json) in "
        "open_clip's form; paths start at the folder of the Snakefile.",
    )
    weights: str = Field(
        min_length=1,
        description="Checkpoint (.safetensors, .pt, .bin), or a tag that open_clip knows for the model and fetches, "
        "such as laion2b_s39b_b160k.",
        json_schema_extra=weights_of("crops"),
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
