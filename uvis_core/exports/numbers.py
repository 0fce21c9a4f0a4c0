"""Numbers of videos, for formats that count them: on the road, videos are known by name."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow.compute as pc

from uvis_core.io.errors import UserError
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.plan import PLAN
from uvis_core.io.schemas.truth import TRUTH
from uvis_core.io.tables import read_table


def video_lengths(frames: Sequence[Path | str]) -> dict[str, int]:
    """Frames of every video by its name, in the order of the names.

    Args:
        frames: Frames tables of all shards.
    """
    lengths: Counter[str] = Counter()
    for path in frames:
        for entry in pc.value_counts(read_table(path, FRAMES, ["video_id"])["video_id"]).to_pylist():
            lengths[entry["values"]] += entry["counts"]
    return dict(sorted(lengths.items()))


def number_videos(
    lengths: Mapping[str, int],
    truth: Path | str | None,
    plan: Path | str | None = None,
    *,
    same_lengths: bool = False,
) -> dict[str, int]:
    """The number of every video by its name: the truth's, else the plan's, else 1, 2, … in the order of the names.

    Args:
        lengths: From ``video_lengths``.
        truth: Truth table of the split.
        plan: Plan of the split, whose numbers are those of the json that lists the videos, where one does.
        same_lengths: Whether the videos must be as long as in the truth.

    Raises:
        UserError: A video is not in the truth or in the plan, or has another length in the truth.
    """
    if truth is None:
        planned = read_table(plan, PLAN, ["video_id", "number"]).to_pylist() if plan is not None else []
        unplanned = lengths.keys() - {row["video_id"] for row in planned} if plan is not None else ()
        if unplanned:
            raise UserError(
                f"{plan}: lacks {len(unplanned)} of the videos, such as {sorted(unplanned)[:3]}",
                fix="give the plan of the same split, or none, which numbers the videos by their names",
            )
        numbers = {row["video_id"]: row["number"] for row in planned if row["number"] > 0}
        if numbers.keys() >= lengths.keys():
            return {name: numbers[name] for name in lengths}
        return {name: number for number, name in enumerate(lengths, start=1)}
    table = read_table(truth, TRUTH, ["video_id", "number", "frames"])
    known = {row["video_id"]: row for row in table.to_pylist()}
    missing = [name for name in lengths if name not in known]
    if missing:
        raise UserError(
            f"{truth}: lacks {len(missing)} of the videos, such as {missing[:3]}",
            fix="give the truth of the same split, or none, which numbers the videos by their names",
        )
    for name, length in lengths.items():
        if same_lengths and known[name]["frames"] != length:
            raise UserError(
                f"{truth}: video {name!r} has {known[name]['frames']} frames, but {length} were tracked",
                fix="take every frame (frames.stride 1, no frames.fps) of videos that are to be evaluated",
            )
    return {name: known[name]["number"] for name in lengths}
