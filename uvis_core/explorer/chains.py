"""Labels of one object linked from frame to frame by their boxes, and how far their classes agree along the way."""

from dataclasses import dataclass

import numpy as np

from uvis_core.explorer.rows import Rows
from uvis_core.explorer.run import SplitTables
from uvis_core.io.row_groups import RowGroups
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.tables import embedding_matrix

LINK_IOU = 0.5
"""Least overlap of two boxes in neighbouring frames that are taken for one object."""
SAMPLED_VIDEOS = 200
LEVELS = 50
UNKNOWN = -1.0


@dataclass(frozen=True)
class Chains:
    """Labels of some videos, linked.

    Attributes:
        rows: int64 (K,) row numbers, ascending.
        chains: int64 (K,) numbers of their chains, from 0.
        disagreement: float32 (K,): share of the other labels of a label's chain that have another class; -1 where it
            stands alone.
        videos: How many videos they are of.
        all_videos: How many there are.
    """

    rows: np.ndarray
    chains: np.ndarray
    disagreement: np.ndarray
    videos: int
    all_videos: int

    def of_row(self, row: int) -> np.ndarray:
        """All rows of the chain of a row, itself included; alone where its video is not among these."""
        place = np.searchsorted(self.rows, row)
        if place == len(self.rows) or self.rows[place] != row:
            return np.array([row])
        return self.rows[self.chains == self.chains[place]]


def chain_videos(rows: Rows, split: SplitTables, videos: np.ndarray) -> Chains:
    """Link the labels of some videos.

    Args:
        rows: All crops of the split.
        split: Its tables.
        videos: int (V,) places in ``rows.video_names``.
    """
    found = np.concatenate([np.zeros(0, np.int64), *(rows.of_video(int(video)) for video in videos)])
    boxes = read_boxes(rows, split, found)
    chains = link_boxes(boxes, rows.videos[found], rows.frame_indices[found])
    order = np.argsort(found)
    found, chains = found[order], chains[order]
    disagreement = chain_disagreement(chains, rows.classes(found))
    return Chains(found, chains, disagreement, len(videos), len(rows.video_names))


def sampled_videos(rows: Rows, count: int = SAMPLED_VIDEOS) -> np.ndarray:
    """Places of ``count`` videos, or of all if there are fewer, drawn by seed."""
    total = len(rows.video_names)
    return np.sort(np.random.default_rng(0).permutation(total)[:count])


def read_boxes(rows: Rows, split: SplitTables, some: np.ndarray) -> np.ndarray:
    """Boxes of some rows as x0, y0, x1, y1 in pixels, float32 (K, 4)."""
    boxes = np.zeros((len(some), 4), dtype=np.float32)
    for shard in np.unique(rows.shards[some]):
        own = np.flatnonzero(rows.shards[some] == shard)
        table = RowGroups(split.tables["masks"][shard], MASKS)
        boxes[own] = embedding_matrix(table.take("box_xyxy_px", rows.mask_rows[some[own]].astype(np.int64)))
    return boxes


def link_boxes(boxes: np.ndarray, videos: np.ndarray, frame_indices: np.ndarray) -> np.ndarray:
    """Give boxes that overlap most from one frame to the next the same number, one to one and the best pairs first.

    Args:
        boxes: float32 (K, 4), those of a video together and in the order of its frames.
        videos: int (K,).
        frame_indices: int (K,).

    Returns:
        int64 (K,) numbers of chains, from 0 in the order of their first boxes.
    """
    chains = np.full(len(boxes), -1, dtype=np.int64)
    breaks = np.flatnonzero(np.diff(videos).astype(bool) | np.diff(frame_indices).astype(bool)) + 1
    frames = np.split(np.arange(len(boxes)), breaks)
    before = np.zeros(0, dtype=np.int64)
    count = 0
    for now in frames:
        if len(before) and len(now) and videos[before[0]] == videos[now[0]]:
            ious = box_ious(boxes[before], boxes[now])
            for pair in np.argsort(-ious, axis=None, kind="stable"):
                old, new = divmod(int(pair), len(now))
                if ious[old, new] < LINK_IOU:
                    break
                if chains[now[new]] < 0 and not (chains[now] == chains[before[old]]).any():
                    chains[now[new]] = chains[before[old]]
        fresh = now[chains[now] < 0]
        chains[fresh] = count + np.arange(len(fresh))
        count += len(fresh)
        before = now
    return chains


def box_ious(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Intersection over union of boxes (A, 4) and (B, 4), float64 (A, B)."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2, dtype=np.float64)
    areas = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1, dtype=np.float64) for boxes in (first, second)]
    union = areas[0][:, None] + areas[1][None] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def chain_disagreement(chains: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Share of the other labels of each one's chain that have another class; -1 where there are no others.

    Args:
        chains: int64 (K,).
        classes: int64 (K,).
    """
    lengths = np.bincount(chains, minlength=1)[chains] - 1
    _, pairs, counts = np.unique(np.stack([chains, classes]), axis=1, return_inverse=True, return_counts=True)
    alike = counts[pairs.reshape(-1)] - 1
    shares = np.full(len(chains), UNKNOWN, dtype=np.float32)
    return np.divide(lengths - alike, lengths, out=shares, where=lengths > 0, casting="unsafe")


def agreement(chains: Chains, rows: Rows, score: str, place: int | None) -> tuple[np.ndarray, np.ndarray]:
    """How far labels above a threshold agree with the others of their chains.

    Args:
        chains: Of some videos.
        rows: All crops of the split.
        score: Name of the score.
        place: Of the class that the labels are of; None for all classes.

    Returns:
        Thresholds from 0 to 1, and the mean agreement (1 - disagreement) of the labels that reach each, NaN where none
        does; float64 (LEVELS + 1,).
    """
    known = chains.disagreement >= 0
    if place is not None:
        known &= rows.classes(chains.rows) == place
    values = rows.scores[score][chains.rows[known]].astype(np.float64)
    alike = 1.0 - chains.disagreement[known].astype(np.float64)
    order = np.argsort(values)
    thresholds = np.linspace(0, 1, LEVELS + 1)
    first = np.searchsorted(values[order], thresholds)
    sums = np.concatenate([np.cumsum(alike[order][::-1])[::-1], [0.0]])[first]
    numbers = len(values) - first
    return thresholds, np.divide(sums, numbers, out=np.full(len(first), np.nan), where=numbers > 0)
