"""What truth says of thresholds: precision, recall and F1 over one of them, the others as they are."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from uvis_core.config.labels import LabelsSettings
from uvis_core.evaluation.labels.candidates import LabelCandidates, TrueMasks, read_candidates
from uvis_core.evaluation.labels.counts import ThresholdCounts, count_labels
from uvis_core.evaluation.labels.quality import GRID, judge
from uvis_core.explorer.run import SplitTables
from uvis_core.io.annotations.read import read_annotations
from uvis_core.io.errors import UserError
from uvis_core.io.vocabulary import Vocabulary


@dataclass(frozen=True)
class Sweep:
    """Figures over the threshold of one score; -1 is a share of nothing.

    Attributes:
        thresholds: float64 (K,), rising.
        f1: Of a class; the mean over the classes for all of them; float64 (K,).
        precision: float64 (K,).
        recall: float64 (K,).
        best: The lowest threshold of the best F1; None where there is no truth to find.
        now: F1, precision and recall at the threshold that is set; None where the score's criterion is switched off.
    """

    thresholds: np.ndarray
    f1: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    best: float | None
    now: tuple[float, float, float] | None


class TruthOfLabels:
    """Every crop of a split, compared with truth once for all thresholds.

    Args:
        split: Its tables; one labels variant at least, and the truth.
        vocabulary: The classes.
        each_shard: Given the numbers of the shards, hands them through one by one, such as a bar of progress does.

    Raises:
        UserError: The split has no truth or no labels yet, or they do not belong together.
    """

    def __init__(
        self,
        split: SplitTables,
        vocabulary: Vocabulary,
        each_shard: Callable[[Sequence[int]], Iterable[int]] | None = None,
    ) -> None:
        if split.truth is None or not split.labels:
            raise UserError(
                f"split {split.name} has no {'labels' if split.truth else 'truth'}",
                fix="run `snakemake --cores 2 labels truth` of a source that has truth",
            )
        labels = next(iter(split.labels.values()))
        masks = split.tables["masks"]
        truth = TrueMasks(read_annotations(split.truth))
        numbers = list(range(len(labels)))
        self._vocabulary = vocabulary
        self._names = {entry.id: entry.name for entry in vocabulary.classes}
        self._shards: list[LabelCandidates] = [
            read_candidates(labels[number], masks[number], truth) for number in (each_shard or list)(numbers)
        ]
        self._truths: Mapping[int, int] = truth.count()

    def sweep(self, settings: LabelsSettings, score: str, class_id: int | None) -> Sweep:
        """Figures at every threshold of a grid.

        Args:
            settings: All thresholds.
            score: objectness, class_score or similarity.
            class_id: The class whose threshold moves and whose labels are counted; None for all classes, of which those
                with a threshold of their own keep it.
        """
        general = getattr(settings, score)
        own = settings.classes.get(self._names[class_id]) if class_id is not None else None
        moved = getattr(own, score) if own is not None else None
        value = general if general is None or moved is None else moved
        classes = list(self._names) if class_id is None else [class_id]
        if class_id is not None:
            # The class's own threshold is the one that moves: without it, all crops are at the general one.
            settings = _without(settings, self._names[class_id], score)
        thresholds = np.array([*GRID, 2.0 if value is None else value])
        order = np.argsort(thresholds, kind="stable")
        sums = np.zeros((2, len(classes), len(thresholds)), dtype=np.int64)
        for candidates in self._shards:
            levels, passes = judge(candidates, settings, self._vocabulary)
            others = np.logical_and.reduce([passed for name, passed in passes.items() if name != score])
            if class_id is not None:
                others &= candidates.class_ids == class_id
            grid = thresholds[order].astype(levels[score].dtype)
            sums[:, :, order] += count_labels(candidates, classes, others, levels[score], grid)
        truths = np.array([[self._truths.get(number, 0)] for number in classes])
        counts = ThresholdCounts(sums[0], sums[1], truths)
        if class_id is None:
            shares = counts.shares()
            curves = [shares[name] for name in ("mF1", "precision", "recall")]
        else:
            by_class = counts.class_shares()
            curves = [by_class[name][0] for name in ("F1", "precision", "recall")]
        f1, precision, recall = (curve[:-1] for curve in curves)
        best = float(GRID[int(np.argmax(f1))]) if f1.max(initial=-1) > 0 else None
        now = None if value is None else tuple(float(curve[-1]) for curve in curves)
        return Sweep(np.array(GRID), f1, precision, recall, best, now)  # type: ignore[arg-type]


def _without(settings: LabelsSettings, name: str, score: str) -> LabelsSettings:
    """The same thresholds, but one of a class's own."""
    if name not in settings.classes:
        return settings
    own = settings.classes[name].model_copy(update={score: None})
    return settings.model_copy(update={"classes": {**settings.classes, name: own}})
