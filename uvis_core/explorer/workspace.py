"""What all pages of one explorer share: the tables of each split, read when they are first asked for; corrections."""

import json
import secrets
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import Any

import numpy as np

from uvis_core.config.labels import LabelsSettings
from uvis_core.explorer.chains import Chains, chain_videos, sampled_videos
from uvis_core.explorer.corrections import Corrections
from uvis_core.explorer.distributions import histograms
from uvis_core.explorer.embedding import EmbeddingMap, map_of_sample
from uvis_core.explorer.layers import Painter
from uvis_core.explorer.overlay import variant_settings
from uvis_core.explorer.rows import Rows, read_rows
from uvis_core.explorer.run import RunFolder, SplitTables
from uvis_core.explorer.search import read_margins
from uvis_core.explorer.truth import TruthOfLabels
from uvis_core.explorer.verdicts import KEPT_PLACE, Overrides, verdicts_of
from uvis_core.explorer.videos import Videos
from uvis_core.io.class_thresholds import class_thresholds
from uvis_core.io.tables import read_metadata
from uvis_core.io.vocabulary import Vocabulary
from uvis_core.jobs import progress

TUNINGS_HELD = 512
CHAINED_VIDEOS_HELD = 16


class SplitData:
    """One split; everything is read when it is first asked for, once, and by one page at a time.

    Args:
        run: The run.
        split: Its tables.
        vocabulary: The classes; None before the prototypes are made.
    """

    def __init__(self, run: RunFolder, split: SplitTables, vocabulary: Vocabulary | None) -> None:
        self.split = split
        self._run = run
        self._vocabulary = vocabulary
        self._lock = RLock()
        self._read: dict[str, Any] = {}
        self._chained: OrderedDict[int, Chains] = OrderedDict()

    @cached_property
    def videos(self) -> Videos:
        """Frames, masks, tracks and truth by video."""
        return Videos(self.split)

    @cached_property
    def painter(self) -> Painter:
        """Draws frames."""
        return Painter(self.videos, self._run.class_names)

    @property
    def rows(self) -> Rows:
        """All crops."""
        return self._once(
            "rows", lambda: read_rows(self.split, list(self._run.class_names), self._bar("tables"))
        )

    @property
    def histograms(self) -> Mapping[str, np.ndarray]:
        """Crops by class and score."""
        return self._once("histograms", lambda: histograms(self.rows))

    @property
    def margins(self) -> np.ndarray:
        """Distance of every crop's best class to its second, float32 (N,)."""
        return self._once("margins", lambda: read_margins(self.rows, self.split))

    @property
    def chains(self) -> Chains:
        """Labels of a sample of the videos, linked."""
        return self._once("chains", lambda: chain_videos(self.rows, self.split, sampled_videos(self.rows)))

    @property
    def map(self) -> EmbeddingMap:
        """Embeddings of a sample, and the prototypes."""
        centroids = self._run.centroids
        assert centroids is not None
        return self._once("map", lambda: map_of_sample(self.rows, self.split, centroids))

    @property
    def truth(self) -> TruthOfLabels:
        """The labels beside truth."""
        vocabulary = self._vocabulary
        assert vocabulary is not None
        return self._once("truth", lambda: TruthOfLabels(self.split, vocabulary, self._bar("truth")))

    @property
    def finished(self) -> Collection[str]:
        """What has been read."""
        return self._read.keys()

    @property
    def has_truth(self) -> bool:
        """Whether labels can be compared with truth."""
        return self.split.truth is not None and bool(self.split.labels)

    @cached_property
    def objectness_floor(self) -> float:
        """Objectness under which no mask was stored."""
        settings = json.loads(read_metadata(self.split.tables["masks"][0]).get("settings", "{}"))
        return float(settings.get("objectness_floor", 0.0))

    def chains_of(self, video: int) -> Chains:
        """Labels of one video, linked."""
        with self._lock:
            if video not in self._chained:
                self._chained[video] = chain_videos(self.rows, self.split, np.array([video]))
                while len(self._chained) > CHAINED_VIDEOS_HELD:
                    self._chained.popitem(last=False)
            return self._chained[video]

    def chain_of(self, row: int) -> np.ndarray:
        """Rows of all labels of the chain that a label belongs to."""
        return self.chains_of(int(self.rows.videos[row])).of_row(row)

    def _once(self, name: str, read: Callable[[], Any]) -> Any:
        # Without the lock where it is there already, so that no page waits while another one reads something else.
        if name not in self._read:
            with self._lock:
                if name not in self._read:
                    self._read[name] = read()
        return self._read[name]

    def _bar(self, what: str) -> Callable[[Sequence[int]], Iterable[int]]:
        def bar(numbers: Sequence[int]) -> Iterator[int]:
            return progress(numbers, total=len(numbers), unit="shard", name=f"{self.split.name}: {what}")

        return bar


class Workspace:
    """A run, open for all pages.

    Args:
        run: The run.
        output: Folder of what the explorer writes.

    Raises:
        UserError: The corrections that are there cannot be used, or a table is damaged.
    """

    def __init__(self, run: RunFolder, output: Path) -> None:
        self.run = run
        self.output = output
        self.names = list(run.class_names.values())
        entries = [{"id": class_id, "name": name} for class_id, name in run.class_names.items()]
        self.vocabulary = Vocabulary.model_validate({"classes": entries}) if entries else None
        self.variants = variant_settings(run) or {"full": LabelsSettings()}
        self.corrections = Corrections(output / "corrections.csv", self.names)
        self.splits = {name: SplitData(run, split, self.vocabulary) for name, split in run.splits.items()}
        self._tunings: OrderedDict[int, LabelsSettings] = OrderedDict()
        self._numbers = 0
        self._start = secrets.token_hex(4)

    @property
    def version(self) -> str:
        """Another one after every start and every correction, so that no browser shows an older picture."""
        return f"{self._start}-{self.corrections.version}"

    def overrides(self, settings: LabelsSettings) -> Overrides:
        """Thresholds of single classes by class id."""
        return class_thresholds(settings, self.vocabulary) if self.vocabulary is not None else {}

    def keep_tuning(self, settings: LabelsSettings) -> int:
        """A number by which a picture's address asks for labels at these thresholds; the oldest are forgotten."""
        for number, known in self._tunings.items():
            if known == settings:
                return number
        self._numbers += 1
        self._tunings[self._numbers] = settings
        while len(self._tunings) > TUNINGS_HELD:
            self._tunings.popitem(last=False)
        return self._numbers

    def tuned(self, split: str, number: int, video: str) -> dict[int, int]:
        """Class place by mask id of the labels of a video that stay at kept thresholds, as corrected."""
        data, settings = self.splits[split], self._tunings.get(number, LabelsSettings())
        rows = data.rows
        place = bisect_left(rows.video_names, video)
        if place == len(rows.video_names) or rows.video_names[place] != video:
            return {}
        some = rows.of_video(place)
        verdicts = verdicts_of(rows, some, settings, self.overrides(settings))
        kept: dict[int, int] = {}
        found = zip(rows.mask_ids[some].tolist(), rows.classes(some).tolist(), verdicts.tolist(), strict=True)
        for mask_id, own_class, verdict in found:
            correction = self.corrections.entries.get(mask_id)
            if correction is None and verdict == KEPT_PLACE:
                kept[mask_id] = own_class
            elif correction is not None and correction.verdict != "reject":
                renamed = correction.verdict == "rename"
                kept[mask_id] = self.names.index(correction.class_name) if renamed else own_class
        return kept
