"""Overlap of tubes: the pixels that they share, exact, from their run lengths."""

from collections.abc import Sequence

import numpy as np

from uvis_core.io.runs import decode_runs
from uvis_core.io.tubes import Tube

# Frames compared before pairs that cannot reach the floor any more are left out.
FRAMES_PER_BLOCK = 16


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
    for start in range(0, frames, FRAMES_PER_BLOCK):
        block = slice(start, min(start + FRAMES_PER_BLOCK, frames))
        wanted = (shared > 0) & (by_frame | (shared >= (floor - 1e-9) * (both - shared)))
        if not wanted.any():
            break
        counted = shared_pixels(tracks, truths, range(block.start, block.stop), wanted)
        most = np.minimum(track_areas[block, :, None], truth_areas[block, None])
        shared += np.where(wanted, counted - most, 0).sum(axis=0)
        if by_frame.any():
            ious[block] = _ious(counted * by_frame, track_areas[block, :, None] + truth_areas[block, None])
    whole = _ious(shared, both)
    return ious, np.where(whole >= floor, whole, 0.0)


def shared_pixels(
    tracks: Sequence[Tube], truths: Sequence[Tube], frames: Sequence[int], wanted: np.ndarray
) -> np.ndarray:
    """Pixels that tracks share with truths in each of F frames.

    With the frames of a video one behind the other, the number of a truth's pixels before a place is linear from one
    end of a run to the next. A run of a track shares with it what that number grows by from its begin to its end.

    Args:
        tracks: D tubes.
        truths: G tubes.
        frames: Indices of the frames, ascending.
        wanted: Pairs to compare, bool of shape (D, G).

    Returns:
        int64 of shape (F, D, G), 0 for the other pairs.
    """
    shared = np.zeros((len(frames), len(tracks), len(truths)), dtype=np.int64)
    for size in {(tube.height_px, tube.width_px) for tube in truths}:
        alike = [
            np.array([(tube.height_px, tube.width_px) == size for tube in tubes])
            for tubes in (tracks, truths)
        ]
        asked = wanted & alike[0][:, None] & alike[1]
        own = _Ends(tracks, frames, asked.any(axis=1), size)
        other = _Ends(truths, frames, asked.any(axis=0), size)
        before = other.pixels_before()
        for column in np.flatnonzero(asked.any(axis=0)).tolist():
            chosen = asked[own.tubes, column]
            masks = np.flatnonzero(other.tubes == column)
            if len(masks) and chosen.any():
                at = slice(other.starts[masks[0]], other.starts[masks[-1]] + other.lengths[masks[-1]])
                lengths = own.lengths[chosen]
                places = own.places if chosen.all() else own.places[np.repeat(chosen, own.lengths)]
                counted = np.interp(places, other.places[at], before[at])
                grown = np.add.reduceat(counted[1::2] - counted[::2], (np.cumsum(lengths) - lengths) // 2)
                shared[own.frames[chosen], own.tubes[chosen], column] = grown
    return shared


class _Ends:
    """Where the foreground runs of some tubes begin and end in a video whose frames lie one behind the other.

    Args:
        tubes: Tubes of one size.
        frames: Indices of the frames that count, ascending.
        chosen: Tubes that count, bool of shape (N,).
        size: Height and width of the frames, pixels.

    Attributes:
        tubes: Index of the tube of each mask, int64 of shape (M,).
        frames: Place of its frame among ``frames``, likewise.
        starts: First of the places that are its own, likewise.
        lengths: How many they are, likewise.
        places: Begins and ends in turn, whole float64 of shape (E,).
    """

    def __init__(
        self, tubes: Sequence[Tube], frames: Sequence[int], chosen: np.ndarray, size: tuple[int, int]
    ) -> None:
        texts = [
            (index, place, text)
            for index in np.flatnonzero(chosen).tolist()
            for place, frame in enumerate(frames)
            if (text := tubes[index].counts.get(frame)) is not None
        ]
        self.tubes, self.frames = np.array([text[:2] for text in texts], dtype=np.int64).reshape(-1, 2).T
        runs = decode_runs([text[2] for text in texts], *size)
        self.starts = 2 * runs.starts
        self.lengths = np.diff(self.starts, append=len(runs.ends))
        # Frames without a mask are no part of the runs, and every tube begins with the first frame.
        moved = (self.frames - np.arange(len(texts))) * (size[0] * size[1])
        self.places = runs.ends + np.repeat(moved, self.lengths).astype(np.float64)

    def pixels_before(self) -> np.ndarray:
        """Foreground pixels in front of each place, with those of the tubes before, whole float64 of shape (E,)."""
        areas = self.places[1::2] - self.places[::2]
        ends = np.cumsum(areas)
        return np.stack([ends - areas, ends], axis=1).ravel()


def _ious(shared: np.ndarray, both: np.ndarray) -> np.ndarray:
    """Intersections over unions, from the intersections and the sums of both areas."""
    return np.divide(shared, both - shared, out=np.zeros(both.shape), where=both > shared)


def _areas(tubes: Sequence[Tube], frames: int) -> np.ndarray:
    """Foreground pixels, int64 of shape (T, N)."""
    rows = [tube.areas_by_frame(frames) for tube in tubes]
    return np.array(rows, dtype=np.int64).reshape(len(tubes), frames).T
