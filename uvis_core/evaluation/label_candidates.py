"""Every crop of the labels tables beside the true masks of its frame, compared once for all thresholds."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pycocotools import mask as coco

from uvis_core.evaluation.splits import VideoId
from uvis_core.evaluation.truth import Truth, TruthTrack
from uvis_core.io.errors import UserError
from uvis_core.io.rle import to_coco
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.tables import read_table

MATCH_IOU = 0.5
SCORES = ("objectness", "class_score", "similarity")
_SHAPE = ("mask_id", "rle_counts", "height_px", "width_px", "area_px")
_FIX = "give the tables and the truth of one split, and both tables of every shard in the same order"


@dataclass(frozen=True)
class LabelCandidates:
    """The N crops of a split, whether the labels stage kept them or not.

    Attributes:
        class_ids: int64 of shape (N,).
        scores: float32 of shape (N,) by name of the score.
        area_share: Share of the frame that the mask covers, float64 of shape (N,).
        kept: Verdict of the labels stage, bool of shape (N,).
        crowded: Whether the crop reaches no single truth but lies by more than half in a crowd of its class,
            bool of shape (N,); it is neither right nor wrong.
        covers: By crop, the truths of its class in its frame that it covers at an IoU above 0.5. Crops that
            cover none are left out. Each truth's mask in each frame has its own number.
        truths: Number of true masks, over all frames, by class id; crowds do not count.
    """

    class_ids: np.ndarray
    scores: Mapping[str, np.ndarray]
    area_share: np.ndarray
    kept: np.ndarray
    crowded: np.ndarray
    covers: Mapping[int, Sequence[int]]
    truths: Mapping[int, int]


def collect_candidates(
    labels: Sequence[Path | str], masks: Sequence[Path | str], truth: Truth, video_ids: Mapping[str, VideoId]
) -> LabelCandidates:
    """Compare every crop with the true masks of its class in its frame; one shard is in memory at a time.

    Args:
        labels: Labels tables of all shards.
        masks: Masks tables of the shards, in the same order.
        truth: Truth of the split.
        video_ids: The truth's id of each video by its name in the tables.

    Raises:
        UserError: The tables and the truth do not belong together.
    """
    if len(labels) != len(masks):
        raise UserError(f"{len(labels)} labels tables, {len(masks)} masks tables", fix=_FIX)
    covers: dict[int, tuple[int, ...]] = {}
    columns: list[dict[str, np.ndarray]] = []
    first = numbered = 0
    for labels_path, masks_path in zip(labels, masks, strict=True):
        table = _joined(labels_path, masks_path)
        column = {name: table[name].to_numpy() for name in ("class_id", *SCORES)}
        column["kept"] = table["kept"].to_numpy().astype(bool)
        frame_px = table["height_px"].to_numpy().astype(np.float64) * table["width_px"].to_numpy()
        column["area_share"] = table["area_px"].to_numpy() / frame_px
        column["crowded"] = np.zeros(len(table), dtype=bool)
        for name, frame, rows in _frames(table):
            truths = _truths_of(truth, video_ids, name, frame, labels_path)
            covered, crowded = _compare(table.take(pa.array(rows)), truths, frame, masks_path)
            column["crowded"][rows] = crowded
            for row, found in zip(rows.tolist(), covered, strict=True):
                if found:
                    covers[first + row] = tuple(numbered + index for index in found)
            numbered += len(truths)
        columns.append(column)
        first += len(table)
    joined = {name: np.concatenate([column[name] for column in columns]) for name in columns[0]}
    counts: Counter[int] = Counter()
    for track in truth.all_tracks:
        if not track.crowd:
            counts[track.class_id] += sum(area > 0 for area in track.tube.areas_px.values())
    return LabelCandidates(
        class_ids=joined["class_id"].astype(np.int64),
        scores={name: joined[name] for name in SCORES},
        area_share=joined["area_share"],
        kept=joined["kept"],
        crowded=joined["crowded"],
        covers=covers,
        truths=counts,
    )


def _joined(labels_path: Path | str, masks_path: Path | str) -> pa.Table:
    """Labels of a shard with the shapes of their masks."""
    labels, masks = read_table(labels_path, LABELS), read_table(masks_path, MASKS, _SHAPE)
    places = pc.index_in(labels["mask_id"], value_set=masks["mask_id"].combine_chunks())
    if places.null_count:
        raise UserError(f"{labels_path}: {places.null_count} labels have no mask in {masks_path}", fix=_FIX)
    shapes = masks.take(places.combine_chunks())
    for name in _SHAPE[1:]:
        labels = labels.append_column(name, shapes[name])
    return labels


def _frames(table: pa.Table) -> Iterator[tuple[str, int, np.ndarray]]:
    """Video, frame and rows, int64, of every frame that has labels."""
    if not len(table):
        return
    videos = table["video_id"].combine_chunks().dictionary_encode()
    codes, frames = videos.indices.to_numpy(), table["frame_index"].to_numpy()
    order = np.lexsort((frames, codes))
    changes = (np.diff(codes[order]) != 0) | (np.diff(frames[order]) != 0)
    for rows in np.split(order, np.flatnonzero(changes) + 1):
        yield videos.dictionary[int(codes[rows[0]])].as_py(), int(frames[rows[0]]), rows


def _truths_of(
    truth: Truth, video_ids: Mapping[str, VideoId], name: str, frame: int, path: Path | str
) -> list[TruthTrack]:
    """Objects to be seen in one frame."""
    if name not in video_ids:
        raise UserError(f"{path}: video {name!r} is not among the videos of {truth.path}", fix=_FIX)
    video = truth.videos[video_ids[name]]
    if frame >= video.frames:
        raise UserError(
            f"{path}: video {name!r} has a label in frame {frame}, but {truth.path} gives it "
            f"{video.frames} frames",
            fix=_FIX,
        )
    return [track for track in truth.tracks[video.video_id] if track.tube.areas_px.get(frame)]


def _compare(
    labels: pa.Table, truths: Sequence[TruthTrack], frame: int, path: Path | str
) -> tuple[list[list[int]], np.ndarray]:
    """Positions in ``truths`` that each label covers, and which labels lie in crowds, bool of shape (D,)."""
    class_ids = labels["class_id"].to_numpy()
    same = class_ids[:, None] == np.array([track.class_id for track in truths], dtype=np.int64)
    covered = np.zeros(same.shape, dtype=bool)
    rows = np.flatnonzero(same.any(axis=1))
    if len(rows):
        picked = labels.select(["rle_counts", "height_px", "width_px"]).take(pa.array(rows)).to_pylist()
        own = [to_coco(row["rle_counts"], row["height_px"], row["width_px"]) for row in picked]
        size = [truths[0].tube.height_px, truths[0].tube.width_px]
        other = next((mask["size"] for mask in own if mask["size"] != size), None)
        if other is not None:
            raise UserError(
                f"{path}: a mask of {other} (height, width), in the truth the video is {size}",
                fix="take the frames at the size that the truth is written for",
            )
        masks = [track.tube.mask(frame) for track in truths]
        covered[rows] = coco.iou(own, masks, [int(track.crowd) for track in truths]) > MATCH_IOU
    crowd = np.array([track.crowd for track in truths], dtype=bool)
    hits = covered & same & ~crowd
    crowded = (covered & same & crowd).any(axis=1) & ~hits.any(axis=1)
    return [np.flatnonzero(row).tolist() for row in hits], crowded
