"""Overlap of tubes: the pixels that they share, exact, from their run lengths."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from uvis_core.io.runs import decode_runs
from uvis_core.io.tubes import Tube

# Frames compared before pairs that cannot reach the floor any more are left out.
FRAMES_PER_BLOCK = 16
# Run lengths, compressed and decoded ones, that are compared at a time, bytes.
BLOCK_BYTES = 1 << 21


def tube_ious(tracks: Sequence[Tube], truths: Sequence[Tube], floor: float = 0.0) -> np.ndarray:
    """Tube IoU: sum of the intersections over sum of the unions, over all frames.

    Args:
        tracks: D tubes of one video.
        truths: G tubes of the same video; masks of another size than a track's share nothing with it.
        floor: Least IoU that matters.

    Returns:
        float64 of shape (D, G); 0 below ``floor`` and where both tubes are empty.
    """
    frames = 1 + max((max(tube.counts) for tube in (*tracks, *truths) if tube.counts), default=-1)
    pairs = np.ones((len(tracks), len(truths)), dtype=bool)
    return compare_tubes(tracks, truths, frames, pairs, ~pairs, floor)[1]


def compare_tubes(
    tracks: Sequence[Tube],
    truths: Sequence[Tube],
    frames: int,
    compared: np.ndarray,
    by_frame: np.ndarray,
    floor: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """IoU in every frame and over all frames.

    Pairs that are not asked for by frame are compared only as long as the frames to come let them reach ``floor``.

    Args:
        tracks: D tubes of one video.
        truths: G tubes of the same video.
        frames: T, the video's length.
        compared: Pairs whose IoU over all frames is asked for, bool of shape (D, G).
        by_frame: Pairs, among these, whose IoU in every frame is asked for, bool of shape (D, G).
        floor: Least IoU over all frames that matters.

    Returns:
        float64 of shape (T, D, G), 0 where it is not asked for or both masks are empty; and of shape (D, G), 0 where it
        is not asked for, below ``floor``, or both tubes are empty.
    """
    track_areas, truth_areas = _areas(tracks, frames), _areas(truths, frames)
    ious = np.zeros((frames, *compared.shape))
    both = track_areas.sum(axis=0)[:, None] + truth_areas.sum(axis=0)
    # The most that each pair can share: what it does in the frames compared, the smaller area in the others.
    shared = np.minimum(track_areas[:, :, None], truth_areas[:, None, :]).sum(axis=0) * compared
    size = sum(tube.size_bytes for tube in (*tracks, *truths))
    step = max(1, min(FRAMES_PER_BLOCK, frames * BLOCK_BYTES // max(1, size)))
    for start in range(0, frames, step):
        block = range(start, min(start + step, frames))
        wanted = (shared > 0) & (by_frame | (shared >= (floor - 1e-9) * (both - shared)))
        if not wanted.any():
            break
        counted = shared_pixels(tracks, truths, block, wanted)
        here = track_areas[start : block.stop, :, None], truth_areas[start : block.stop, None]
        shared += np.where(wanted, counted - np.minimum(*here), 0).sum(axis=0)
        if by_frame.any():
            ious[start : block.stop] = _ious(counted * by_frame, here[0] + here[1])
    whole = _ious(shared, both)
    return ious, np.where(whole >= floor, whole, 0.0)


def shared_pixels(
    tracks: Sequence[Tube], truths: Sequence[Tube], frames: range, wanted: np.ndarray
) -> np.ndarray:
    """Pixels that tracks share with truths in each of F frames.

    The number of a truth's pixels before a place is linear from one end of a run to the next. A run of a track shares
    with it what that number grows by from its begin to its end.

    Args:
        tracks: D tubes.
        truths: G tubes.
        frames: Indices of the frames.
        wanted: Pairs to compare, bool of shape (D, G).

    Returns:
        int64 of shape (F, D, G), 0 for the other pairs.
    """
    shared = np.zeros((len(frames), *wanted.shape), dtype=np.int64)
    for size in {(tube.height_px, tube.width_px) for tube in truths}:
        alike = [
            np.array([(tube.height_px, tube.width_px) == size for tube in tubes])
            for tubes in (tracks, truths)
        ]
        asked = wanted & alike[0][:, None] & alike[1]
        if not asked.any():
            continue
        own = _places(tracks, np.flatnonzero(asked.any(axis=1)).tolist(), frames)
        other = _places(truths, np.flatnonzero(asked.any(axis=0)).tolist(), frames)
        for column, at in other.items():
            asking = [row for row in np.flatnonzero(asked[:, column]).tolist() if len(own[row].pairs)]
            if not asking or not len(at.pairs):
                continue
            parts = [own[row] for row in asking]
            truth = at.ends.astype(np.float64)
            places = np.concatenate([part.ends for part in parts], dtype=np.float64)
            counted = np.interp(places, truth, _pixels_before(truth))
            bounds = np.cumsum(np.concatenate([[0], *(part.pairs for part in parts)]))
            grown = np.add.reduceat(counted[1::2] - counted[::2], bounds[:-1])
            first = 0
            for row, part in zip(asking, parts, strict=True):
                last = first + len(part.pairs)
                shared[part.rows, row, column] = grown[first:last]
                first = last
    return shared


@dataclass(frozen=True)
class _Places:
    """Where the foreground of one tube begins and ends in some frames.

    Attributes:
        rows: Which of the frames have a mask, M of them.
        pairs: How many begins and ends each mask has, int64 of shape (M,).
        ends: Begins and ends in turn, in pixels from the begin of the video, whose frames lie one behind the other;
            int32, int64 or whole float64 of shape (E,).
    """

    rows: slice | np.ndarray
    pairs: np.ndarray
    ends: np.ndarray


def _pixels_before(places: np.ndarray) -> np.ndarray:
    """Foreground pixels in front of each of a tube's places, whole float64 of shape (E,)."""
    before = np.zeros(len(places))
    np.cumsum(places[1::2] - places[::2], out=before[1::2])
    before[2::2] = before[1:-1:2]
    return before


def _places(tubes: Sequence[Tube], chosen: Sequence[int], frames: range) -> dict[int, _Places]:
    """Some tubes of one size by their numbers; those that do not keep their masks decoded are decoded here."""
    pixels = tubes[chosen[0]].height_px * tubes[chosen[0]].width_px
    shown: dict[int, list[int]] = {}
    firsts: dict[int, int] = {}
    texts: list[bytes] = []
    for number in chosen:
        counts = tubes[number].counts
        own = list(counts)
        first = bisect_left(own, frames.start)
        shown[number] = own[first : bisect_left(own, frames.stop)]
        firsts[number] = first
        if tubes[number].runs is None:
            firsts[number] = len(texts)
            texts += map(counts.__getitem__, shown[number])
    decoded = decode_runs(texts, tubes[chosen[0]].height_px, tubes[chosen[0]].width_px)
    found = {}
    for number, first in firsts.items():
        own = shown[number]
        runs = tubes[number].runs or decoded
        bounds = runs.bounds[first : first + len(own) + 1]
        pairs, ends = bounds[1:] - bounds[:-1], runs.ends[2 * bounds[0] : 2 * bounds[-1]]
        begin, end = (own[0], own[-1] + 1) if own else (frames.start, frames.start)
        rows: slice | np.ndarray = slice(begin - frames.start, end - frames.start)
        if end - begin > len(own):
            rows = np.array(own) - frames.start
        # The runs know nothing of the frames without a mask.
        if own and (begin != first or end - begin > len(own)):
            missing = np.array(own, dtype=np.float64) - np.arange(first, first + len(own))
            ends = ends + np.repeat(missing * pixels, 2 * pairs)
        found[number] = _Places(rows, pairs, ends)
    return found


def _ious(shared: np.ndarray, both: np.ndarray) -> np.ndarray:
    """Intersections over unions, from the intersections and the sums of both areas."""
    return np.divide(shared, both - shared, out=np.zeros(both.shape), where=both > shared)


def _areas(tubes: Sequence[Tube], frames: int) -> np.ndarray:
    """Foreground pixels, int64 of shape (T, N)."""
    rows = [tube.areas_by_frame(frames) for tube in tubes]
    return np.array(rows, dtype=np.int64).reshape(len(tubes), frames).T
