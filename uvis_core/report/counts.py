"""What the tables of a run hold, counted one table at a time."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from uvis_core.io.schemas.labels import ACCEPTED, KEPT

SCORES = ("objectness", "class_score", "similarity")
BINS = 100
WITHOUT_PROTOTYPE = -1.0


@dataclass
class VerdictCounts:
    """What happened to the masks, gathered table by table so that one table at a time is in memory.

    Attributes:
        verdicts: Number of labels by (class id, reason); the reason of those that stayed is ``kept``, also
            where a hand accepted them.
        histograms: By score, int64 of shape (2, BINS) over 0 to 1: removed, kept.
        without_prototype: Labels of classes that have no prototype, which therefore have no similarity.
        missed_by: By (class id, score), int64 of shape (BINS,) over 0 to 1: that score of the labels that it removed.
    """

    verdicts: Counter[tuple[int, str]] = field(default_factory=Counter)
    histograms: dict[str, np.ndarray] = field(
        default_factory=lambda: {score: np.zeros((2, BINS), dtype=np.int64) for score in SCORES}
    )
    without_prototype: int = 0
    missed_by: dict[tuple[int, str], np.ndarray] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Number of all labels, whether they stayed or not."""
        return sum(self.verdicts.values())

    @property
    def kept(self) -> int:
        """Number of labels that stayed."""
        return self.by_reason()[KEPT]

    def by_reason(self) -> Counter[str]:
        """Number of labels by verdict."""
        counts: Counter[str] = Counter()
        for (_, reason), number in self.verdicts.items():
            counts[reason] += number
        return counts

    def kept_per_class(self) -> dict[int, int]:
        """Number of labels that stayed, by class id."""
        return {class_id: number for (class_id, reason), number in self.verdicts.items() if reason == KEPT}


def in_bins(values: np.ndarray) -> np.ndarray:
    """Histogram over 0 to 1, int64 of shape (BINS,); cosines may fall a little below 0 and, by rounding, above 1."""
    return np.histogram(np.clip(values, 0, 1), BINS, (0, 1))[0]


def count_verdicts(tables: Iterable[pa.Table]) -> VerdictCounts:
    """Count verdicts and scores over tables of schema labels."""
    counts = VerdictCounts()
    for table in tables:
        groups = table.group_by(["class_id", "reason"]).aggregate([([], "count_all")])
        for row in groups.to_pylist():
            reason = KEPT if row["reason"] == ACCEPTED else row["reason"]
            counts.verdicts[(row["class_id"], reason)] += row["count_all"]
        kept = table["kept"].to_numpy(zero_copy_only=False).astype(bool)
        for score in SCORES:
            values = table[score].to_numpy(zero_copy_only=False)
            known = values > WITHOUT_PROTOTYPE
            if score == "similarity":
                counts.without_prototype += int(np.count_nonzero(~known))
            for place, chosen in enumerate((known & ~kept, known & kept)):
                counts.histograms[score][place] += in_bins(values[chosen])
            removed = table.filter(pc.equal(table["reason"], score))
            class_ids, missed = removed["class_id"].to_numpy(), removed[score].to_numpy(zero_copy_only=False)
            for class_id in np.unique(class_ids).tolist():
                before = counts.missed_by.get((class_id, score), np.zeros(BINS, dtype=np.int64))
                counts.missed_by[class_id, score] = before + in_bins(missed[class_ids == class_id])
    return counts


@dataclass(frozen=True)
class FrameCounts:
    """Videos and frames of a split."""

    videos: int
    frames: int


def count_frames(tables: Iterable[pa.Table]) -> FrameCounts:
    """Count over tables of schema frames; a video lies in one table only."""
    videos = frames = 0
    for table in tables:
        videos += pc.count_distinct(table["video_id"]).as_py()
        frames += table.num_rows
    return FrameCounts(videos, frames)


@dataclass(frozen=True)
class TrackCounts:
    """Number of tracks of a split, in all and by class id."""

    tracks: int
    per_class: Mapping[int, int]


def count_tracks(tables: Iterable[pa.Table]) -> TrackCounts:
    """Count over tables of schema tracks; a track has one class and lies in one table only."""
    per_class: Counter[int] = Counter()
    for table in tables:
        unique = table.group_by(["video_id", "track_id"]).aggregate([("class_id", "min")])
        per_class.update(unique["class_id_min"].to_pylist())
    return TrackCounts(per_class.total(), dict(per_class))


def count_confident(tables: Iterable[pa.Table], video_ids: Sequence[str], min_score: float) -> dict[str, int]:
    """Number of tracks of at least this score, by video, of some videos; those without any are left out."""
    found: dict[str, int] = {}
    for table in tables:
        of_videos = pc.is_in(table["video_id"], value_set=pa.array(video_ids, pa.string()))
        chosen = table.filter(pc.and_(of_videos, pc.greater_equal(table["score"], min_score)))
        counts = chosen.group_by("video_id").aggregate([("track_id", "count_distinct")])
        found |= dict(
            zip(counts["video_id"].to_pylist(), counts["track_id_count_distinct"].to_pylist(), strict=True)
        )
    return found
