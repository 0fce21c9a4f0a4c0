"""Settings of the evaluation stage."""

from typing import Literal

from pydantic import Field

from uvis_core.config.base import Settings


class EvaluationSettings(Settings):
    """Which figures are taken of the tracks."""

    protocol: Literal["ytvis", "ovis", "davis"] = Field(
        "ytvis",
        description="Figures: ytvis (AP and AR, twelve), ovis (eighteen; the truth carries occlusion levels) or davis "
        "(J and F, unsupervised; classes do not count).",
    )
    class_agnostic: bool = Field(
        False, description="Whether masks alone count and classes do not, as VideoCutLER reports."
    )
    identity_score_floor: float = Field(
        0.3,
        ge=0,
        description="Least score of the tracks that HOTA and IDF1 are taken of; unlike AP they do not rank, so "
        "tracks of no confidence would count as much as the others.",
    )
    davis: bool = Field(
        False,
        description="Whether to take J, F and J&F of DAVIS (unsupervised) as well; protocol davis takes them alone.",
    )
