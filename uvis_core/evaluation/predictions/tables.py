"""Predicted tracks in the tables of all shards, read video by video."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from uvis_core.evaluation.predictions.source import MOST, Prediction, Predictions
from uvis_core.io.annotations.model import Annotations, Video
from uvis_core.io.errors import UserError
from uvis_core.io.row_groups import RowGroups, rows_by_video
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.tubes import WrongTube, iterate_tubes

_NUMBERS = ("track_id", "class_id", "score", "frame_index", "height_px", "width_px")


class TrackTables(Predictions):
    """Tracks tables; in memory are the numbers of one shard and the run lengths of one video.

    Args:
        paths: Tables of all shards.
        truth: What the predictions are for; videos go by name.
        frames: Frames tables of the shards, in the same order, whose videos must be as long as the truth's; without
            them a track's frames count as the truth's do.
        any_class: Whether predictions are read whatever their class.
    """

    together = True

    def __init__(
        self,
        paths: Sequence[Path | str],
        truth: Annotations,
        frames: Sequence[Path | str] = (),
        *,
        any_class: bool = False,
    ) -> None:
        super().__init__(Path(paths[0]), truth, any_class=any_class)
        self.paths, self.frames = paths, frames
        if frames and len(frames) != len(paths):
            raise UserError(
                f"{len(paths)} tables of tracks and {len(frames)} of frames",
                fix="give both tables of every shard, in order",
            )

    def __iter__(self) -> Iterator[Prediction]:
        """Yield the predictions of known videos and classes, those of a video in the order of their track ids.

        Raises:
            UserError: A table is damaged, holds a video of another table or a track twice, or its scores, masks or
                frames cannot be; or no track at all is of a video of the truth.
        """
        tables: dict[str, int] = {}
        for number, path in enumerate(self.paths):
            indices = _frame_indices(self.frames[number], self.truth) if self.frames else {}
            table = RowGroups(path, TRACKS)
            numbers = table.read(_NUMBERS)
            columns = {name: numbers[name].to_numpy() for name in _NUMBERS}
            _check_scores(path, columns["score"])
            videos = table.read(["video_id"])["video_id"]
            for name, rows in rows_by_video(videos, columns["track_id"], columns["frame_index"]):
                if tables.setdefault(name, number) != number:
                    raise UserError(
                        f"{path}: holds tracks of video {name!r}, as {self.paths[tables[name]]} does",
                        fix="give the table of every shard once",
                    )
                wanted = self._wanted(name, rows, columns)
                if wanted:
                    video = self.truth.by_name[name]
                    own = indices.get(name, np.arange(video.frames))
                    yield from _tracks(table, wanted, columns, video, own)
        self.check_videos(next(iter(self.truth.by_name), None))

    def _wanted(self, name: str, rows: np.ndarray, columns: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """Rows of each track of a video that is to be evaluated."""
        changes = np.flatnonzero(np.diff(columns["track_id"][rows])) + 1
        video = self.truth.by_name.get(name)
        return [
            track
            for track in np.split(rows, changes)
            if self.is_wanted(video, name, int(columns["class_id"][track[0]]))
        ]


def _tracks(
    table: RowGroups,
    tracks: Sequence[np.ndarray],
    columns: Mapping[str, np.ndarray],
    video: Video,
    indices: np.ndarray,
) -> Iterator[Prediction]:
    """The tracks of one video, given by their rows; ``indices`` of its frames, ascending."""
    place = f"{table.path}: video {video.name!r}"
    rows = np.concatenate(tracks)
    sizes = np.unique(np.stack([columns["height_px"][rows], columns["width_px"][rows]]), axis=1).T.tolist()
    if sizes != [[video.height_px, video.width_px]]:
        raise UserError(
            f"{place} has masks of {sizes} (height, width), in the truth it is {[video.height_px, video.width_px]}",
            fix="take the frames at the size that the truth is written for",
        )
    places = np.minimum(np.searchsorted(indices, columns["frame_index"][rows]), len(indices) - 1)
    strange = columns["frame_index"][rows][indices[places] != columns["frame_index"][rows]]
    if len(strange):
        raise UserError(
            f"{place} has a mask in frame {strange[0]}, which is none of its {video.frames} frames",
            fix="give the tables of one run, those of the shards in the same order",
        )
    _check_tracks(place, tracks, columns)
    texts = table.take("rle_counts", rows).to_pylist()
    start = 0
    counts = []
    for track in tracks:
        own = slice(start, start + len(track))
        frames = places[own].tolist()
        counts.append({frame: text.encode() for frame, text in zip(frames, texts[own], strict=True)})
        start = own.stop
    sizes_px = [(video.height_px, video.width_px)] * len(tracks)
    try:
        for track, tube in zip(tracks, iterate_tubes(counts, sizes_px, keep_runs=True), strict=True):
            class_id, score = (columns[name][track[0]].item() for name in ("class_id", "score"))
            yield Prediction(video.video_id, class_id, score, tube)
    except WrongTube as error:
        raise UserError(f"{place}, {error}", fix="delete the table and run the workflow again") from error


def _check_scores(path: Path | str, scores: np.ndarray) -> None:
    """See that all scores of a table lie within 0 to 1."""
    for row in np.flatnonzero((scores < 0) | (scores > MOST))[:1].tolist():
        raise UserError(f"{path}: score of row {row} is {scores[row]}", fix="give confidences of 0 to 1")


def _check_tracks(place: str, tracks: Sequence[np.ndarray], columns: Mapping[str, np.ndarray]) -> None:
    """See that every track has one class, one score, and one mask per frame."""
    for rows in tracks:
        track_id = columns["track_id"][rows[0]]
        frames = columns["frame_index"][rows]
        for twice in frames[1:][frames[1:] == frames[:-1]][:1]:
            raise UserError(
                f"{place} has track {track_id} in frame {twice} more than once",
                fix="list every track once; perhaps tables were joined",
            )
        for name in ("class_id", "score"):
            values = columns[name][rows]
            if (values != values[0]).any():
                raise UserError(
                    f"{place} has track {track_id} with {name} {values[0]} and {values[values != values[0]][0]}",
                    fix="give every track a track_id of its own",
                )


def _frame_indices(path: Path | str, truth: Annotations) -> dict[str, np.ndarray]:
    """Indices of the frames of every video of a frames table, int64 and ascending.

    Raises:
        UserError: A video is not in the truth, or has another length there.
    """
    table = RowGroups(path, FRAMES).read(["video_id", "frame_index"])
    frames = table["frame_index"].to_numpy()
    found = {name: frames[rows] for name, rows in rows_by_video(table["video_id"], frames)}
    missing = sorted(set(found) - set(truth.by_name))
    if missing:
        raise UserError(
            f"{truth.path}: lacks {len(missing)} of the tracked videos, such as {missing[:3]}",
            fix="evaluate against the truth of the split that was tracked",
        )
    for name, indices in found.items():
        length = truth.by_name[name].frames
        if len(indices) != length:
            raise UserError(
                f"{truth.path}: video {name!r} has {length} frames, but {len(indices)} were tracked",
                fix="take every frame (frames.stride 1, no frames.fps) of videos that are to be evaluated",
            )
    return found
