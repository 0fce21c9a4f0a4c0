"""The kept pseudo-labels of a split, to be written in any format."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from uvis_core.config.exports import ExportOptions
from uvis_core.exports.content import SCORES, Content
from uvis_core.exports.numbers import number_videos, video_lengths
from uvis_core.io.errors import UserError
from uvis_core.io.join import check_once, positions
from uvis_core.io.schemas.labels import ACCEPTED, CRITERIA, KEPT, LABELS, REJECTED
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.tables import read_table

SHAPE = ("rle_counts", "height_px", "width_px")


def label_content(
    labels: Sequence[Path | str],
    masks: Sequence[Path | str],
    frames: Sequence[Path | str],
    class_names: Mapping[int, str],
    truth: Path | str | None = None,
    image_root: Path | str = ".",
    plan: Path | str | None = None,
    options: ExportOptions | None = None,
) -> Content:
    """Every kept label as an object that is seen in one frame.

    Args:
        labels: Labels tables of all shards.
        masks: Masks tables of the shards, in the same order.
        frames: Frames tables of the shards, in the same order.
        class_names: Names by class id, of the whole vocabulary.
        truth: Truth table whose numbers the videos get; without it and the plan's they are counted by name.
        image_root: As ``Content`` takes it.
        plan: Plan of the split, whose numbers the videos get where there is no truth.
        options: As ``Content`` takes them (default: all objects, no copies).

    Raises:
        UserError: The tables, the vocabulary or the truth do not belong together.
    """
    if not len(labels) == len(masks) == len(frames):
        raise UserError(
            f"{len(labels)} labels tables, {len(masks)} masks tables, {len(frames)} frames tables",
            fix="give the three tables of every shard, in the same order",
        )
    return Content(
        of="labels",
        class_names=class_names,
        numbers=number_videos(video_lengths(frames), truth, plan),
        frames=frames,
        objects=labels,
        read_objects=lambda shard: _kept_labels(labels[shard], masks[shard]),
        image_root=image_root,
        options=options or ExportOptions(),
        verdicts=_verdicts(labels, class_names),
    )


def _kept_labels(labels: Path | str, masks: Path | str) -> pa.Table:
    """The rows that ``Content.read_objects`` promises."""
    kept = read_table(labels, LABELS)
    kept = kept.filter(kept["kept"])
    check_once(kept["mask_id"].to_numpy(), f"labels {labels}")
    shapes = read_table(masks, MASKS, ["mask_id", *SHAPE])
    rows = positions(
        kept["mask_id"].to_numpy(), shapes["mask_id"].to_numpy(), (f"labels {labels}", f"masks {masks}")
    )
    shapes = shapes.take(pa.array(rows))
    scores = {name: kept[name].cast(pa.float64()) for name in SCORES}
    return pa.table(
        {
            "video_id": kept["video_id"],
            "object_id": kept["mask_id"],
            "class_id": kept["class_id"],
            "score": pc.multiply(scores["objectness"], scores["class_score"]),
            "frame_index": kept["frame_index"],
            **{name: shapes[name] for name in SHAPE},
            **scores,
        }
    )


def _verdicts(labels: Sequence[Path | str], class_names: Mapping[int, str]) -> dict[str, dict[str, int]]:
    """Crops by class name and verdict."""
    found: Counter[tuple[int, str]] = Counter()
    for path in labels:
        pairs = read_table(path, LABELS, ["class_id", "reason"]).group_by(["class_id", "reason"])
        for row in pairs.aggregate([([], "count_all")]).to_pylist():
            found[row["class_id"], row["reason"]] += row["count_all"]
    unknown = sorted({class_id for class_id, _ in found} - set(class_names))
    if unknown:
        raise UserError(
            f"labels of classes {unknown}, which are not in the vocabulary",
            fix="the labels were made with another vocabulary: delete them and run again",
        )
    by_hand = [one for one in (ACCEPTED, REJECTED) if any(reason == one for _, reason in found)]
    return {
        name: {reason: found[class_id, reason] for reason in (KEPT, *CRITERIA, *by_hand)}
        for class_id, name in class_names.items()
    }
