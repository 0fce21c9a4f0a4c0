"""The kept labels of a split as training samples: a row per frame in one Arrow file, written shard by shard."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from uvis_core.io.errors import UserError
from uvis_core.io.join import check_once, positions
from uvis_core.io.row_groups import RowGroups
from uvis_core.io.samples import write_samples
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.labels import ACCEPTED, CRITERIA, KEPT, LABELS, REJECTED
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.schemas.samples import SAMPLES
from uvis_core.io.tables import read_metadata
from uvis_core.labels.frame_index import FrameIndex, read_frame_index

BATCH_FRAMES = 4096


def gather_samples(
    output: Path | str,
    labels: Sequence[Path | str],
    masks: Sequence[Path | str],
    frames: Sequence[Path | str],
    class_names: Mapping[int, str],
    provenance: Mapping[str, str] | None = None,
) -> dict[str, int]:
    """Write the frames of a split with their kept labels, those without any label included.

    Videos stand shard by shard, in each shard by name; a frame's labels in the order of the labels table. Texts
    (paths, run lengths) are in memory for ``BATCH_FRAMES`` frames at a time, numbers for one shard.

    Args:
        output: The Arrow file.
        labels: Labels tables of all shards, selected by the same settings.
        masks: Masks tables of the shards, in the same order.
        frames: Frames tables of the shards, in the same order.
        class_names: Names by class id, of the whole vocabulary.
        provenance: Added to the metadata; ``settings`` are those of the labels tables.

    Returns:
        How many crops were kept, how many each criterion removed, and, if any, how many were accepted or rejected by
        hand; also in the metadata.

    Raises:
        UserError: The tables do not belong together.
    """
    if not len(labels) == len(masks) == len(frames):
        raise UserError(
            f"{len(labels)} labels tables, {len(masks)} masks tables, {len(frames)} frames tables",
            fix="give the three tables of every shard, in the same order",
        )
    counts = _counts(labels, class_names)
    about = {**(provenance or {}), "settings": _settings(labels)}
    write_samples(output, _batches(zip(labels, masks, frames, strict=True)), class_names, counts, about)
    return counts


def _counts(labels: Iterable[Path | str], class_names: Mapping[int, str]) -> dict[str, int]:
    """Crops by verdict, in the order in which a crop meets the criteria."""
    counts: Counter[str] = Counter()
    class_ids: set[int] = set()
    for path in labels:
        for batch in RowGroups(path, LABELS).batches(["class_id", "reason"]):
            for entry in pc.value_counts(batch["reason"]).to_pylist():
                counts[entry["values"]] += entry["counts"]
            class_ids.update(pc.unique(batch["class_id"]).to_pylist())
    if class_ids - set(class_names):
        raise UserError(
            f"labels of classes {sorted(class_ids - set(class_names))}, which are not in the vocabulary",
            fix="the labels were made with another vocabulary: delete them and run again",
        )
    by_hand = [reason for reason in (ACCEPTED, REJECTED) if counts[reason]]
    return {reason: counts[reason] for reason in (KEPT, *CRITERIA, *by_hand)}


def _settings(labels: Sequence[Path | str]) -> str:
    """The settings by which all these labels were selected."""
    settings = {path: read_metadata(path).get("settings", "{}") for path in labels}
    for path, text in settings.items():
        if text != settings[labels[0]]:
            raise UserError(
                f"{path}: selected by {text}, but {labels[0]} by {settings[labels[0]]}",
                fix="give the tables of one labels variant; delete the older ones and run again if they are",
            )
    return settings[labels[0]]


@dataclass(frozen=True)
class _Labels:
    """The kept labels of one shard, in the order of their frames.

    Attributes:
        ends: int64 (F + 1,), before frame f of the index lie so many labels.
        mask_rows: int64 (N,) rows of the masks table.
        class_ids: int32 (N,).
        scores: float32 (N,), objectness x class score.
    """

    ends: np.ndarray
    mask_rows: np.ndarray
    class_ids: np.ndarray
    scores: np.ndarray


def _batches(shards: Iterable[tuple[Path | str, Path | str, Path | str]]) -> Iterator[dict[str, Any]]:
    """The columns of all shards, some frames at a time."""
    kinds = {name: SAMPLES.columns.field(name).type for name in ("class_ids", "scores", "rle_counts")}
    videos_before = 0
    for labels, masks, frames in shards:
        index = read_frame_index(frames)
        found = _read_labels(labels, masks, frames, index)
        frame_rows, mask_rows = RowGroups(frames, FRAMES), RowGroups(masks, MASKS)
        for start in range(0, len(index.rows), BATCH_FRAMES):
            part = slice(start, start + BATCH_FRAMES)
            ends = found.ends[start : start + BATCH_FRAMES + 1]
            own = slice(ends[0], ends[-1])
            lists = {
                "class_ids": pa.array(found.class_ids[own]),
                "scores": pa.array(found.scores[own]),
                "rle_counts": mask_rows.take("rle_counts", found.mask_rows[own]),
            }
            offsets = pa.array((ends - ends[0]).astype(np.int32))
            yield {
                "video": index.videos[part] + np.int32(videos_before),
                "video_id": index.names.take(pa.array(index.videos[part])),
                "frame_index": index.frame_indices[part],
                "path": frame_rows.take("path", index.rows[part]),
                "height_px": index.heights_px[part],
                "width_px": index.widths_px[part],
                **{
                    name: pa.ListArray.from_arrays(offsets, values, type=kinds[name])
                    for name, values in lists.items()
                },
            }
        videos_before += len(index.names)


def _read_labels(labels: Path | str, masks: Path | str, frames: Path | str, index: FrameIndex) -> _Labels:
    parts = [
        (
            _places(labels, frames, batch, index),
            *(batch[name].to_numpy() for name in ("mask_id", "class_id")),
            batch["objectness"].to_numpy() * batch["class_score"].to_numpy(),
        )
        for batch in _kept(labels)
    ]
    kinds = (np.int64, np.int64, np.int32, np.float32)
    places, mask_ids, class_ids, scores = (
        np.concatenate([np.zeros(0, kind), *(part[number] for part in parts)])
        for number, kind in enumerate(kinds)
    )
    order = np.argsort(places, kind="stable")
    places = places[order]
    return _Labels(
        np.searchsorted(places, np.arange(len(index.rows) + 1)),
        _mask_rows(labels, masks, frames, mask_ids[order], places, index),
        class_ids[order],
        scores[order],
    )


def _kept(labels: Path | str) -> Iterator[pa.RecordBatch]:
    names = ("mask_id", "video_id", "frame_index", "class_id", "objectness", "class_score", "kept")
    for batch in RowGroups(labels, LABELS).batches(names):
        yield batch.filter(batch["kept"])


def _places(labels: Path | str, frames: Path | str, batch: pa.RecordBatch, index: FrameIndex) -> np.ndarray:
    """Where the frame of each label stands in the index, int64 (N,)."""
    places = index.places(batch["video_id"], batch["frame_index"].to_numpy())
    for row in np.flatnonzero(places < 0)[:1]:
        name = batch["video_id"][row].as_py()
        raise UserError(
            f"{labels}: video {name!r} has a label in frame {batch['frame_index'][row]}, but {frames} lists "
            f"{index.length(name)} frames of it",
            fix="give the tables of the shards in the same order, or make the labels again",
        )
    return places


def _mask_rows(
    labels: Path | str,
    masks: Path | str,
    frames: Path | str,
    mask_ids: np.ndarray,
    places: np.ndarray,
    index: FrameIndex,
) -> np.ndarray:
    """Rows of the labels' masks, int64 (N,); each mask must be as large as its frame."""
    check_once(mask_ids, f"labels {labels}")
    table = RowGroups(masks, MASKS).read(["mask_id", "height_px", "width_px"])
    known, heights, widths = (column.to_numpy() for column in table.columns)
    rows = positions(mask_ids, known, (f"labels {labels}", f"masks {masks}"))
    other = (heights[rows] != index.heights_px[places]) | (widths[rows] != index.widths_px[places])
    for label in np.flatnonzero(other)[:1]:
        row, place = rows[label], places[label]
        raise UserError(
            f"{masks}: mask {mask_ids[label]} measures {heights[row]} x {widths[row]} pixels, but {frames} says "
            f"{index.heights_px[place]} x {index.widths_px[place]} of its frame",
            fix="the masks come from older frames: delete them and run again",
        )
    return rows
