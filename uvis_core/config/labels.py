"""Settings of one variant of the labels stage."""

from pydantic import Field

from uvis_core.config.base import Settings


class LabelsSettings(Settings):
    """Least scores of a pseudo-label; null switches a criterion off, whatever a class's own threshold is."""

    objectness: float | None = Field(
        0.7,
        ge=0,
        le=1,
        description="Least objectness of the mask (0 to 1). Higher keeps cleaner masks and loses small or "
        "unusual things. Below the masks stage's objectness_floor it has no effect.",
    )
    class_score: float | None = Field(
        0.7,
        ge=-1,
        le=1,
        description="Least class score, in the reading that the crops stage is set to (0 to 1 for the "
        "softmax readings). Higher keeps crops that CLIP is sure of and loses classes that resemble each "
        "other.",
    )
    similarity: float | None = Field(
        0.7,
        ge=-1,
        le=1,
        description="Least cosine similarity (-1 to 1) of the crop to a prototype of its class, tau in the "
        "paper. Higher keeps typical looks only; a good value depends on the CLIP model.",
    )
    min_area_share: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Least share of the frame that the mask covers (0 to 1); null keeps masks of any size, "
        "as the paper does.",
    )
