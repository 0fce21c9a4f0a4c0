"""The tracks of a split, to be written in any format."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from uvis_core.config.exports import ExportOptions
from uvis_core.exports.content import Content
from uvis_core.exports.numbers import number_videos, video_lengths
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.tables import read_table


def track_content(
    tracks: Sequence[Path | str],
    frames: Sequence[Path | str],
    class_names: Mapping[int, str],
    truth: Path | str | None = None,
    image_root: Path | str = ".",
    plan: Path | str | None = None,
    options: ExportOptions | None = None,
) -> Content:
    """Every track as an object.

    Args:
        tracks: Tracks tables of all shards.
        frames: Frames tables of the shards, in the same order.
        class_names: Names by class id, of the whole vocabulary.
        truth: Truth table whose numbers the videos get, and whose lengths they must have; without it and the plan's
            they are counted by name.
        image_root: As ``Content`` takes it.
        plan: Plan of the split, whose numbers the videos get where there is no truth.
        options: As ``Content`` takes them (default: all objects, no copies).

    Raises:
        UserError: The tables, the vocabulary or the truth do not belong together.
    """
    if len(tracks) != len(frames):
        raise UserError(
            f"{len(tracks)} tables of tracks and {len(frames)} of frames",
            fix="give both tables of every shard, in order",
        )
    return Content(
        of="tracks",
        class_names=class_names,
        numbers=number_videos(video_lengths(frames), truth, plan, same_lengths=True),
        frames=frames,
        objects=tracks,
        read_objects=lambda shard: _tracks(tracks[shard], class_names),
        image_root=image_root,
        options=options or ExportOptions(),
    )


def _tracks(path: Path | str, class_names: Mapping[int, str]) -> pa.Table:
    """The rows that ``Content.read_objects`` promises."""
    table = read_table(path, TRACKS)
    unknown = sorted(set(pc.unique(table["class_id"]).to_pylist()) - set(class_names))
    if unknown:
        raise UserError(
            f"{path}: tracks of classes {unknown}, which are not in the vocabulary",
            fix="give the vocabulary that the model was trained with",
        )
    table = table.sort_by([("track_id", "ascending"), ("frame_index", "ascending")])
    return table.rename_columns({"track_id": "object_id"})
