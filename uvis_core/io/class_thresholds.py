"""Thresholds of single classes: by name in the settings of labels, by id in the tables."""

from collections.abc import Mapping

from uvis_core.config.faults import close_to
from uvis_core.config.labels import LabelsSettings
from uvis_core.io.errors import UserError
from uvis_core.io.vocabulary import Vocabulary


def class_thresholds(settings: LabelsSettings, vocabulary: Vocabulary) -> dict[int, dict[str, float]]:
    """Thresholds of single classes as numbers.

    Args:
        settings: Of one labels variant.
        vocabulary: The classes.

    Returns:
        Class id to the thresholds that the class has of its own, by score: ``objectness``, ``class_score``,
        ``similarity``. Other classes are not there.

    Raises:
        UserError: A name is not in the vocabulary.
    """
    ids = {entry.name: entry.id for entry in vocabulary.classes}
    for name in settings.classes:
        if name not in ids:
            raise UserError(
                f"classes.{name}: the vocabulary has no class of this name",
                fix=f"{close_to(name, ids)}name one of {', '.join(ids)}",
            )
    own = {
        ids[name]: thresholds.model_dump(exclude_none=True) for name, thresholds in settings.classes.items()
    }
    return {class_id: thresholds for class_id, thresholds in own.items() if thresholds}


def check_classes(variants: Mapping[str, LabelsSettings], vocabulary: Vocabulary) -> None:
    """See that every class that a labels variant names is in the vocabulary.

    Raises:
        UserError: Names the key.
    """
    for variant, settings in variants.items():
        try:
            class_thresholds(settings, vocabulary)
        except UserError as error:
            raise UserError(f"labels.variants.{variant}.{error.message}", fix=error.fix) from error
