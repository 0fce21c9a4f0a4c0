"""What every format is written from: the videos of a split and their labels or tracks, shard by shard.

A writer goes through the shards as often as its format wants; one shard is in memory at a time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from uvis_core.config.exports import Exported, ExportOptions
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.tables import read_table
from uvis_core.jobs import progress

SCORES = ("objectness", "class_score", "similarity")
COLUMNS = ("object_id", "class_id", "score", "frame_index", "rle_counts", "height_px", "width_px")


@dataclass(frozen=True)
class ExportedVideo:
    """One video and its frames.

    Attributes:
        number: Its id in formats that count videos.
        name: Its name in all tables.
        size_px: Height and width of its first frame.
        frame_indices: Ascending, as in the table of frames.
        paths: Images, one per frame.
        timestamps_s: Of the frames; images that come from no video have their place in it.
    """

    number: int
    name: str
    size_px: tuple[int, int]
    frame_indices: tuple[int, ...]
    paths: tuple[str, ...]
    timestamps_s: tuple[float, ...]


@dataclass(frozen=True)
class ExportedObject:
    """One label, which is seen in one frame, or one track.

    Attributes:
        object_id: Of a label, its mask id; of a track, its number in its video.
        class_id: Of the vocabulary.
        score: Of a label, objectness times class score.
        size_px: Height and width of the masks.
        masks: Place of the frame in the video → compressed run lengths, not empty.
        scores: Of a label, those of ``SCORES`` by name; of a track, none.
    """

    object_id: int
    class_id: int
    score: float
    size_px: tuple[int, int]
    masks: dict[int, str]
    scores: Mapping[str, float]


SeenObject = tuple[ExportedObject, str]
"""An object in one frame: itself and its compressed run lengths there."""


@dataclass(frozen=True)
class Content:
    """Labels or tracks of a split.

    Attributes:
        of: Which of both.
        class_names: Names by class id, of the whole vocabulary.
        numbers: Every video's number by its name.
        frames: Frames tables of all shards.
        objects: What holds the objects of each shard, for messages; in the order of ``frames``.
        read_objects: Number of a shard → a table with a row per object and frame: video_id, object_id, class_id,
            score, frame_index, rle_counts, height_px, width_px; labels have ``SCORES`` as well.
        image_root: Folder to which names of images become relative in files; those outside it keep their absolute path.
        verdicts: Of labels, crops by class name and verdict of the labels stage.
        options: Which objects count, and what becomes of the images.
    """

    of: Exported
    class_names: Mapping[int, str]
    numbers: Mapping[str, int]
    frames: Sequence[Path | str]
    objects: Sequence[Path | str]
    read_objects: Callable[[int], pa.Table]
    image_root: Path | str = "."
    verdicts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    options: ExportOptions = field(default_factory=ExportOptions)

    def videos(self) -> Iterator[ExportedVideo]:
        """All videos, those without objects included."""
        for path in self.frames:
            yield from self._videos_of(path).values()

    def videos_with_objects(self) -> Iterator[tuple[ExportedVideo, list[ExportedObject]]]:
        """The videos that have objects, and these in the order of their tables.

        Raises:
            UserError: An object is of a class, a video or a frame that is not known.
        """
        return ((video, objects) for video, objects in self.videos_and_objects() if objects)

    def videos_and_objects(self) -> Iterator[tuple[ExportedVideo, list[ExportedObject]]]:
        """All videos, each with its objects, if it has any, in the order of their tables.

        Raises:
            UserError: An object is of a class, a video or a frame that is not known.
        """
        shards = zip(self.frames, self.objects, strict=True)
        for shard, (frames, objects) in enumerate(
            progress(shards, total=len(self.frames), unit="shard", name="exports")
        ):
            videos = self._videos_of(frames)
            waiting = iter(videos.values())
            for name, rows in by_video(self.read_objects(shard)):
                if name not in videos:
                    raise UserError(
                        f"{objects}: holds video {name!r}, which {frames} does not list",
                        fix="give the tables of the shards in the same order, or make the later ones again",
                    )
                for video in waiting:
                    if video.name == name:
                        break
                    yield video, []
                found = _objects(rows, videos[name], f"{objects}: video {name!r}")
                yield videos[name], [entry for entry in found if self._counts(entry)]
            yield from ((video, []) for video in waiting)

    def _counts(self, entry: ExportedObject) -> bool:
        least = self.options.min_score
        return least is None or entry.score >= least

    def _videos_of(self, path: Path | str) -> dict[str, ExportedVideo]:
        columns = ["video_id", "frame_index", "path", "height_px", "width_px", "timestamp_s"]
        table = read_table(path, FRAMES, columns).sort_by("frame_index")
        return {
            name: ExportedVideo(
                number=self.numbers[name],
                name=name,
                size_px=(rows["height_px"][0].as_py(), rows["width_px"][0].as_py()),
                frame_indices=tuple(rows["frame_index"].to_pylist()),
                paths=tuple(rows["path"].to_pylist()),
                timestamps_s=tuple(rows["timestamp_s"].to_pylist()),
            )
            for name, rows in by_video(table)
        }


def masks_by_place(video: ExportedVideo, objects: Sequence[ExportedObject]) -> list[list[SeenObject]]:
    """For every frame of a video the objects that are seen in it, each with its mask, in the order given."""
    found: list[list[SeenObject]] = [[] for _ in video.paths]
    for entry in objects:
        for place, counts in entry.masks.items():
            found[place].append((entry, counts))
    return found


def by_video(table: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """The rows of each video in their order; videos in the order of their names."""
    table = table.sort_by("video_id")  # stable
    runs = pc.run_end_encode(table["video_id"].combine_chunks())
    start = 0
    for name, stop in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        yield name, table.slice(start, stop - start)
        start = stop


def _objects(rows: pa.Table, video: ExportedVideo, where: str) -> list[ExportedObject]:
    """Objects of one video in the order of their first rows."""
    places = {index: place for place, index in enumerate(video.frame_indices)}
    found: dict[int, ExportedObject] = {}
    names = [name for name in (*COLUMNS, *SCORES) if name in rows.column_names]
    for values in zip(*(rows[name].to_pylist() for name in names), strict=True):
        row = dict(zip(names, values, strict=True))
        place = places.get(row["frame_index"])
        if place is None:
            raise UserError(
                f"{where} has a mask in frame {row['frame_index']}, which is not among the {len(places)} frames of "
                "its table of frames",
                fix="give the tables of the shards in the same order, or make the later ones again",
            )
        entry = found.setdefault(
            row["object_id"],
            ExportedObject(
                object_id=row["object_id"],
                class_id=row["class_id"],
                score=row["score"],
                size_px=(row["height_px"], row["width_px"]),
                masks={},
                scores={name: row[name] for name in SCORES if name in row},
            ),
        )
        if place in entry.masks:
            raise UserError(
                f"{where} has object {row['object_id']} in frame {row['frame_index']} more than once",
                fix="list every track once; perhaps tables were joined",
            )
        entry.masks[place] = row["rle_counts"]
    return list(found.values())
