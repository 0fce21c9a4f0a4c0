"""Which labels a gallery shows, and in which order."""

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np

from uvis_core.config.labels import LabelsSettings
from uvis_core.explorer.chains import Chains
from uvis_core.explorer.rows import Rows
from uvis_core.explorer.run import SplitTables
from uvis_core.explorer.verdicts import KEPT_PLACE, Overrides, verdicts_of
from uvis_core.io.row_groups import RowGroups
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.schemas.labels import CRITERIA, KEPT

SORTS = {
    "objectness": "objectness",
    "class_score": "class score",
    "similarity": "similarity to the prototype",
    "margin": "distance to the second class",
    "disagreement": "disagreement within a track",
}
"""Keys of the orders that there are, and their names on the page."""
VERDICTS = (KEPT, *CRITERIA)


@dataclass(frozen=True)
class Filter:
    """What labels to show; an empty field takes all.

    Attributes:
        classes: Places of classes.
        video: Place of a video.
        verdicts: Of ``VERDICTS``.
        mask_ids: A selection, such as a lasso drew.
    """

    classes: tuple[int, ...] = ()
    video: int | None = None
    verdicts: tuple[str, ...] = ()
    mask_ids: frozenset[int] | None = field(default=None)


def chosen_rows(rows: Rows, wanted: Filter, settings: LabelsSettings, overrides: Overrides) -> np.ndarray:
    """Rows that pass a filter, int64, ascending.

    Args:
        rows: N crops.
        wanted: The filter.
        settings: Thresholds that the verdicts go by.
        overrides: Those of single classes by class id.
    """
    if wanted.mask_ids is not None:
        ids = np.fromiter(wanted.mask_ids, np.int64, len(wanted.mask_ids))
        found = np.flatnonzero(np.isin(rows.mask_ids, ids))
    elif wanted.video is not None:
        found = np.sort(rows.of_video(wanted.video))
    elif wanted.classes:
        ranges = [rows.of_class(place) for place in sorted(set(wanted.classes))]
        found = np.concatenate([np.arange(one.start, one.stop) for one in ranges])
    else:
        found = np.arange(len(rows))
    if wanted.classes:
        found = found[np.isin(rows.classes(found), wanted.classes)]
    if wanted.verdicts:
        places = [KEPT_PLACE if name == KEPT else CRITERIA.index(name) for name in wanted.verdicts]
        verdicts = verdicts_of(rows, found, settings, overrides)
        found = found[np.isin(verdicts, places)]
    return found


def sort_values(
    rows: Rows, some: np.ndarray, key: str, margins: np.ndarray | None, chains: Chains | None
) -> np.ndarray:
    """What a gallery is sorted by, float32 (K,); NaN where it is not known.

    Args:
        rows: N crops.
        some: int64 (K,) row numbers, ascending.
        key: Of ``SORTS``.
        margins: float32 (N,), needed for that key.
        chains: Needed for disagreement.
    """
    if key == "margin" and margins is not None:
        return margins[some]
    if key == "disagreement" and chains is not None:
        values = np.full(len(some), np.nan, dtype=np.float32)
        places = np.searchsorted(chains.rows, some)
        inside = places < len(chains.rows)
        known = np.flatnonzero(inside)[chains.rows[places[inside]] == some[inside]]
        shares = chains.disagreement[places[known]]
        values[known] = np.where(shares < 0, np.nan, shares)
        return values
    return rows.scores[key][some]


def page_of(values: np.ndarray, falling: bool, start: int, count: int) -> np.ndarray:
    """Places of one page of a sorted list, without sorting all of it; values that are not known are left out.

    Args:
        values: float (K,).
        falling: Whether the highest come first.
        start: Number of places before the page.
        count: Length of a page.

    Returns:
        int64, at most ``count``; of equal values the earlier place comes first.
    """
    known = np.flatnonzero(~np.isnan(values))
    keys = -values[known] if falling else values[known]
    last = min(start + count, len(keys))
    if last <= start:
        return known[:0]
    bound = np.partition(keys, last - 1)[last - 1]
    few = np.flatnonzero(keys <= bound)
    return known[few[np.argsort(keys[few], kind="stable")][start:last]]


def read_margins(rows: Rows, split: SplitTables) -> np.ndarray:
    """How far the best class of each crop lies before the second in cosine, float32 (N,); NaN where none is second."""
    margins = np.full(len(rows), np.nan, dtype=np.float32)
    for shard, path in enumerate(split.tables["crops"]):
        own = np.flatnonzero(rows.shards == shard)
        found = []
        for batch in RowGroups(path, CROPS).batches(["top_cosines"]):
            cosines = batch["top_cosines"]
            values, starts = cosines.flatten().to_numpy(), cosines.offsets.to_numpy()
            first = starts[:-1] - starts[0]
            several = np.diff(starts) > 1
            part = np.full(len(cosines), np.nan, dtype=np.float32)
            part[several] = values[first[several]] - values[first[several] + 1]
            found.append(part)
        margins[own] = np.concatenate([np.zeros(0, np.float32), *found])[rows.crop_rows[own]]
    return margins


def resembling(names: Collection[str], text: str, count: int = 50) -> list[str]:
    """The first names that hold a text, whatever its case."""
    wanted = text.casefold()
    found: list[str] = []
    for name in names:
        if wanted in name.casefold():
            found.append(name)
            if len(found) == count:
                break
    return found
