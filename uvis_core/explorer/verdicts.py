"""How many labels stay at given thresholds, class by class, and which stand nearest to a threshold."""

from collections.abc import Mapping

import numpy as np

from uvis_core.config.labels import LabelsSettings
from uvis_core.explorer.rows import Rows
from uvis_core.io.schemas.labels import CRITERIA
from uvis_core.labels.select import first_failed, least_scores

KEPT_PLACE = len(CRITERIA)
"""Column of the kept labels in counts by verdict; before it come those that each criterion removed."""

Overrides = Mapping[int, Mapping[str, float]]


class VerdictCounts:
    """Labels by class and verdict; a class is counted again only where its own thresholds changed.

    Args:
        rows: N crops.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._counted: dict[int, tuple[tuple[tuple[str, float], ...], np.ndarray]] = {}

    def count(self, settings: LabelsSettings, overrides: Overrides) -> np.ndarray:
        """Count at these thresholds.

        Args:
            settings: Thresholds of all classes.
            overrides: Thresholds of single classes by class id, as ``select_labels`` takes them.

        Returns:
            int64 (C, len(CRITERIA) + 1): labels whose first failed criterion is the column's; those kept in the last.
        """
        least = least_scores(self._rows.class_ids, settings, overrides)
        counts = np.zeros((len(self._rows.class_ids), KEPT_PLACE + 1), dtype=np.int64)
        for place in range(len(counts)):
            key = tuple((name, float(values[place])) for name, values in least.items())
            if place not in self._counted or self._counted[place][0] != key:
                verdicts = judge(self._rows, self._rows.of_class(place), dict(key))
                self._counted[place] = (key, np.bincount(verdicts, minlength=KEPT_PLACE + 1))
            counts[place] = self._counted[place][1]
        return counts


def judge(rows: Rows, some: slice | np.ndarray, least: Mapping[str, float | np.ndarray]) -> np.ndarray:
    """Verdicts on some rows, int8, as ``first_failed`` gives them."""
    return first_failed(
        {name: values[some] for name, values in rows.scores.items()},
        {name: np.asarray(value) for name, value in least.items()},
    )


def verdicts_of(rows: Rows, some: np.ndarray, settings: LabelsSettings, overrides: Overrides) -> np.ndarray:
    """Verdicts on rows of any class, int8 (K,), at the thresholds of each one's class.

    Args:
        rows: N crops.
        some: int64 (K,) row numbers.
        settings: Thresholds of all classes.
        overrides: Thresholds of single classes by class id.
    """
    least = least_scores(rows.class_ids, settings, overrides)
    classes = rows.classes(some)
    return judge(rows, some, {name: values[classes] for name, values in least.items()})


def nearest(
    rows: Rows, place: int, criterion: str, settings: LabelsSettings, overrides: Overrides, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """The labels of one class on which a threshold just about decides: all other criteria pass them.

    Args:
        rows: N crops.
        place: Of the class.
        criterion: Whose threshold.
        settings: Thresholds of all classes.
        overrides: Thresholds of single classes by class id.
        count: How many of each kind.

    Returns:
        Row numbers, int64: of those just above the threshold, by rising score, and of those just below it, by falling
        score. None where the criterion is switched off.
    """
    own = rows.of_class(place)
    least = {
        name: values[place] for name, values in least_scores(rows.class_ids, settings, overrides).items()
    }
    if criterion not in least:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    threshold = least.pop(criterion)
    values = rows.scores[criterion][own]
    free = judge(rows, own, least) == KEPT_PLACE
    above = values >= np.asarray(threshold).astype(values.dtype)
    upper, lower = np.flatnonzero(free & above), np.flatnonzero(free & ~above)
    return (
        own.start + upper[lowest(values[upper], count)],
        own.start + lower[lowest(-values[lower], count)],
    )


def lowest(values: np.ndarray, count: int) -> np.ndarray:
    """Places of the ``count`` lowest values, by rising value and then by place, int64."""
    if count < len(values):
        bound = np.partition(values, count - 1)[count - 1] if count else -np.inf
        few = np.flatnonzero(values <= bound)
    else:
        few = np.arange(len(values))
    return few[np.argsort(values[few], kind="stable")][:count]
