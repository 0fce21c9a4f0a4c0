"""Every crop of a split as columns in memory, class by class: what all counts, searches and corrections work on."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from uvis_core.explorer.run import SplitTables
from uvis_core.io.errors import UserError
from uvis_core.io.join import positions
from uvis_core.io.row_groups import RowGroups
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.schemas.labels import CRITERIA
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.schemas.similarities import SIMILARITIES
from uvis_core.io.tables import read_table

MASKS_COLUMNS = ("mask_id", "height_px", "width_px", "area_px", "objectness")
CROPS_COLUMNS = ("mask_id", "video_id", "frame_index", "class_id", "class_score")
SIMILARITIES_COLUMNS = ("mask_id", "class_id", "similarity")


@dataclass(frozen=True)
class Rows:
    """N crops of a split, those of one class together, in the order of the classes.

    Attributes:
        class_ids: int32 (C,) ids of the vocabulary's classes.
        bounds: int64 (C + 1,): crops of class c are the rows from ``bounds[c]`` to ``bounds[c + 1]``.
        mask_ids: int64 (N,).
        videos: int32 (N,) places in ``video_names``.
        frame_indices: int32 (N,).
        shards: int16 (N,) places among the split's tables.
        mask_rows: int32 (N,) rows of the shard's masks table.
        crop_rows: int32 (N,) rows of the shard's crops table.
        scores: By criterion of ``CRITERIA``, (N,), in the precision in which the labels stage compares them.
        video_names: V names, ascending.
    """

    class_ids: np.ndarray
    bounds: np.ndarray
    mask_ids: np.ndarray
    videos: np.ndarray
    frame_indices: np.ndarray
    shards: np.ndarray
    mask_rows: np.ndarray
    crop_rows: np.ndarray
    scores: dict[str, np.ndarray]
    video_names: Sequence[str]

    def __len__(self) -> int:
        return len(self.mask_ids)

    def of_class(self, place: int) -> slice:
        """Rows of one class, by its place in ``class_ids``."""
        return slice(int(self.bounds[place]), int(self.bounds[place + 1]))

    def classes(self, rows: np.ndarray) -> np.ndarray:
        """Places in ``class_ids`` of some rows, int64."""
        return np.searchsorted(self.bounds, rows, side="right") - 1

    @cached_property
    def by_video(self) -> np.ndarray:
        """All row numbers, int64 (N,), by video and frame."""
        return np.lexsort((self.frame_indices, self.videos))

    def of_video(self, video: int) -> np.ndarray:
        """Row numbers of one video in the order of its frames."""
        start, stop = np.searchsorted(self.videos, [video, video + 1], sorter=self.by_video)
        return self.by_video[start:stop]

    def row_of(self, mask_id: int) -> int | None:
        """The row of a mask; None where the split has no such mask."""
        found = np.flatnonzero(self.mask_ids == mask_id)
        return int(found[0]) if len(found) else None


def read_rows(
    split: SplitTables,
    class_ids: Sequence[int],
    each_shard: Callable[[Sequence[int]], Iterable[int]] | None = None,
) -> Rows:
    """Join masks, crops and similarities of all shards.

    Args:
        split: Its tables.
        class_ids: Ids of the vocabulary in its order.
        each_shard: Given the numbers of the shards, hands them through one by one, such as a bar of progress does.

    Raises:
        UserError: The tables do not belong together, or one of them is damaged.
    """
    tables = [split.tables[stage] for stage in ("masks", "crops", "prototypes")]
    numbers = list(range(len(tables[0])))
    parts = [_shard(number, *(paths[number] for paths in tables)) for number in (each_shard or list)(numbers)]
    names = pa.chunked_array([part.pop("video_id") for part in parts]).unify_dictionaries()
    dictionary = names.chunk(0).dictionary
    by_name = pc.sort_indices(dictionary)
    rank = np.argsort(by_name).astype(np.int32)
    videos = np.concatenate([rank[chunk.indices.to_numpy()] for chunk in names.chunks])
    columns = {name: np.concatenate([part.pop(name) for part in parts]) for name in list(parts[0])}
    found = columns.pop("class_id")
    strange = sorted(set(np.unique(found).tolist()) - set(class_ids))
    if strange:
        raise UserError(
            f"{tables[1][0].parent}: crops of classes {strange}, which the prototypes do not name",
            fix="the crops were made with another vocabulary: run the workflow again",
        )
    ids = np.array(class_ids, dtype=np.int32)
    places = np.empty(max(class_ids, default=0) + 1, dtype=np.int32)
    places[ids] = np.arange(len(ids))
    places = places[found]
    order = np.argsort(places, kind="stable")
    bounds = np.searchsorted(places[order], np.arange(len(ids) + 1)).astype(np.int64)
    scores = {criterion: columns.pop(criterion)[order] for criterion in CRITERIA}
    return Rows(
        ids,
        bounds,
        videos=videos[order],
        scores=scores,
        video_names=dictionary.take(by_name).to_pylist(),
        **{name: columns.pop(name)[order] for name in list(columns)},
    )


def _shard(number: int, masks_path: Path, crops_path: Path, similarities_path: Path) -> dict[str, np.ndarray]:
    """Columns of one shard, in the order of its crops table."""
    masks = read_table(masks_path, MASKS, MASKS_COLUMNS)
    crops = RowGroups(crops_path, CROPS).read(CROPS_COLUMNS)
    similarities = read_table(similarities_path, SIMILARITIES, SIMILARITIES_COLUMNS)
    mask_ids, class_ids = crops["mask_id"].to_numpy(), crops["class_id"].to_numpy()
    in_masks = _joined(mask_ids, masks, (f"crops {crops_path}", f"masks {masks_path}"))
    in_similarities = _joined(
        mask_ids, similarities, (f"crops {crops_path}", f"similarities {similarities_path}")
    )
    if (similarities["class_id"].to_numpy()[in_similarities] != class_ids).any():
        raise UserError(
            f"{similarities_path}: similarities to other classes than those of {crops_path}",
            fix="the similarities come from older crops: run the workflow again",
        )
    frame_px = masks["height_px"].to_numpy().astype(np.float64) * masks["width_px"].to_numpy()
    return {
        "mask_ids": mask_ids,
        "video_id": crops["video_id"].unify_dictionaries().combine_chunks(),
        "frame_indices": crops["frame_index"].to_numpy(),
        "class_id": class_ids,
        "shards": np.full(len(crops), number, dtype=np.int16),
        "mask_rows": in_masks.astype(np.int32),
        "crop_rows": np.arange(len(crops), dtype=np.int32),
        "objectness": masks["objectness"].to_numpy()[in_masks],
        "class_score": crops["class_score"].to_numpy(),
        "similarity": similarities["similarity"].to_numpy()[in_similarities],
        "area": (masks["area_px"].to_numpy() / frame_px)[in_masks],
    }


def _joined(mask_ids: np.ndarray, table: pa.Table, names: tuple[str, str]) -> np.ndarray:
    """Rows of a table by mask id; most often the tables have the same order."""
    known = table["mask_id"].to_numpy()
    if np.array_equal(mask_ids, known):
        return np.arange(len(known))
    return positions(mask_ids, known, names)
