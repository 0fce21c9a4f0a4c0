"""Settings of one variant of the labels stage."""

from pydantic import Field

from uvis_core.config.base import Settings
from uvis_core.config.faults import Misfit


class ClassThresholds(Settings):
    """Thresholds of one class, by its name in the vocabulary; null, or left out, takes the variant's."""

    objectness: float | None = Field(
        None, ge=0, le=1, description="Least objectness of a label of this class."
    )
    class_score: float | None = Field(
        None, ge=-1, le=1, description="Least class score of a label of this class."
    )
    similarity: float | None = Field(
        None, ge=-1, le=1, description="Least similarity of a label to the prototypes of this class (tau)."
    )


class LabelsSettings(Settings):
    """Least scores of a pseudo-label; null switches a criterion off, whatever a class's own threshold is."""

    objectness: float | None = Field(
        0.7,
        ge=0,
        le=1,
        description="Least objectness of the mask (0 to 1). Higher keeps cleaner masks and loses small or "
        "unusual things. Masks below the masks stage's objectness_floor are not stored, so less than that is refused.",
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
    classes: dict[str, ClassThresholds] = Field(
        {},
        description="Thresholds of single classes in place of those above, such as {dog: {similarity: 0.6}}. A "
        "criterion that is switched off above is off for every class.",
    )


def check_floor(key: str, settings: LabelsSettings, floor: float) -> None:
    """Refuse an objectness below that of every mask that is stored, which would be without effect.

    Args:
        key: Where the settings stand in the configuration.
        settings: One variant of the labels.
        floor: The masks stage's ``objectness_floor``.

    Raises:
        Misfit: Names the threshold.
    """
    if settings.objectness is None:
        return
    thresholds = {f"{key}.objectness": settings.objectness}
    for name, own in settings.classes.items():
        if own.objectness is not None:
            thresholds[f"{key}.classes.{name}.objectness"] = own.objectness
    for place, threshold in thresholds.items():
        if threshold < floor:
            raise Misfit(
                f"{place}: {threshold} has no effect, only masks above masks.objectness_floor {floor} are stored",
                fix=f"set it to {floor} or more, or lower masks.objectness_floor, which finds all masks again",
            )
