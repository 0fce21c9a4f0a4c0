"""Settings of the prototypes stage."""

from typing import Self

from pydantic import Field, model_validator

from uvis_core.config.base import Settings


class PrototypesSettings(Settings):
    """How many prototypes a class gets and how they are found."""

    instances_per_prototype: float = Field(
        100.0,
        gt=0,
        description="A class first given to n crops gets n divided by this, rounded, as its number of "
        "prototypes. Large: few prototypes, so rare looks of a class are filtered out. Small: many; near 1 "
        "every crop is its own prototype, its similarity is 1 and the filter keeps everything.",
    )
    min_prototypes: int = Field(
        1, ge=1, description="At least so many prototypes per class, but never more than it has crops."
    )
    max_prototypes: int = Field(
        32,
        ge=1,
        description="At most so many prototypes per class; bounds memory and time, see points_per_prototype.",
    )
    points_per_prototype: int = Field(
        256,
        ge=1,
        description="K-Means looks at no more crops of a class than this times its prototypes, drawn by a "
        "seeded hash; more gain nothing measurable.",
    )
    min_class_score: float = Field(
        0.0,
        ge=-1,
        le=1,
        description="Crops under this class score take no part in finding prototypes. At 0 all crops do, "
        "as in the paper.",
    )
    iterations: int = Field(20, ge=1, description="K-Means iterations.")
    seed: int = Field(0, ge=0, lt=2**31, description="Seed of the sample and of the first centroids.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_prototypes > self.max_prototypes:
            raise ValueError(
                f"min_prototypes {self.min_prototypes} exceeds max_prototypes {self.max_prototypes}: lower "
                "the first or raise the second"
            )
        return self
