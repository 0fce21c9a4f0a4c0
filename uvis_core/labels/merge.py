"""All pseudo-labels of a split in one json of YTVIS layout, written shard by shard."""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa
import pyarrow.compute as pc

from uvis_core.io.atomic import atomic_path
from uvis_core.io.errors import UserError
from uvis_core.io.join import positions
from uvis_core.io.rle import mask_boxes
from uvis_core.io.schemas.base import TableSchema
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.labels import CRITERIA, KEPT, LABELS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.tables import read_table

DECIMALS = 6


def merge_labels(
    output: Path | str,
    labels: Sequence[Path | str],
    masks: Sequence[Path | str],
    frames: Sequence[Path | str],
    class_names: Mapping[int, str],
    image_root: Path | str = ".",
) -> dict[str, int]:
    """Write the kept labels of a split; one shard at a time is in memory.

    ``videos``: integer ``id`` from 1 in the order of the names, ``name`` (the tables' video_id), ``width``,
    ``height``, ``length``, ``file_names``; videos without labels are listed too. ``annotations``: every label
    on its own, not null in one frame of ``segmentations`` (compressed RLE), ``bboxes`` (x, y, width, height
    in pixels) and ``areas`` (pixels), with ``score`` = objectness x class score, the three scores and
    ``mask_id``. ``info.counts`` says how many crops were kept and how many each criterion removed,
    ``info.counts_per_class`` the same by class name.

    Args:
        output: The json.
        labels: Labels tables of all shards.
        masks: Masks tables of the shards, in the same order.
        frames: Frames tables of the shards, in the same order.
        class_names: Names by class id, of the whole vocabulary; the categories.
        image_root: Folder to which ``file_names`` become relative; images outside it keep their absolute
            path.

    Returns:
        ``info.counts``.

    Raises:
        UserError: The tables do not belong together.
    """
    if not len(labels) == len(masks) == len(frames):
        raise UserError(
            f"{len(labels)} labels tables, {len(masks)} masks tables, {len(frames)} frames tables",
            fix="give the three tables of every shard, in the same order",
        )
    names = sorted(
        {name for path in frames for name in pc.unique(_column(path, FRAMES, "video_id")).to_pylist()}
    )
    video_ids = {name: number for number, name in enumerate(names, start=1)}
    per_class = _counts(labels, class_names)
    counts = {reason: sum(entry[reason] for entry in per_class.values()) for reason in (KEPT, *CRITERIA)}
    info = {
        "description": "Pseudo-labels: each annotation is one detection in one frame",
        "counts": counts,
        "counts_per_class": per_class,
    }
    categories = [
        {"id": number, "name": name, "supercategory": "object"} for number, name in class_names.items()
    ]
    with atomic_path(output) as temporary, temporary.open("w", encoding="utf-8") as stream:
        stream.write(f'{{"info": {json.dumps(info)},\n"categories": {json.dumps(categories)},\n"videos": [\n')
        _write_items(
            stream, (json.dumps(video) for path in frames for video in _videos(path, video_ids, image_root))
        )
        stream.write('],\n"annotations": [\n')
        _write_items(stream, _annotations(labels, masks, frames, video_ids))
        stream.write("]}\n")
    return counts


def _column(path: Path | str, schema: TableSchema, name: str) -> pa.ChunkedArray:
    return read_table(path, schema, [name])[name]


def _counts(labels: Iterable[Path | str], class_names: Mapping[int, str]) -> dict[str, dict[str, int]]:
    """Crops by class name and reason."""
    found: Counter[tuple[int, str]] = Counter()
    for path in labels:
        table = read_table(path, LABELS, ["class_id", "reason"])
        found.update(zip(table["class_id"].to_pylist(), table["reason"].to_pylist(), strict=True))
    unknown = sorted({class_id for class_id, _ in found} - set(class_names))
    if unknown:
        raise UserError(
            f"labels of classes {unknown}, which are not in the vocabulary",
            fix="the labels were made with another vocabulary: delete them and run again",
        )
    return {
        name: {reason: found[class_id, reason] for reason in (KEPT, *CRITERIA)}
        for class_id, name in class_names.items()
    }


def _write_items(stream: TextIO, items: Iterable[str]) -> None:
    for number, item in enumerate(items):
        stream.write((",\n" if number else "") + item)


def _videos(
    frames: Path | str, video_ids: Mapping[str, int], image_root: Path | str
) -> Iterator[dict[str, Any]]:
    table = read_table(frames, FRAMES).sort_by([("video_id", "ascending"), ("frame_index", "ascending")])
    root = os.path.abspath(image_root)  # noqa: PTH100 - links stay links
    for name in pc.unique(table["video_id"]).to_pylist():
        rows = table.filter(pc.equal(table["video_id"], name))
        yield {
            "id": video_ids[name],
            "name": name,
            "width": rows["width_px"][0].as_py(),
            "height": rows["height_px"][0].as_py(),
            "length": len(rows),
            "file_names": [_below(path, root) for path in rows["path"].to_pylist()],
        }


def _below(path: str, root: str) -> str:
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - links stay links
    return (absolute.relative_to(root) if absolute.is_relative_to(root) else absolute).as_posix()


def _annotations(
    labels: Sequence[Path | str],
    masks: Sequence[Path | str],
    frames: Sequence[Path | str],
    video_ids: Mapping[str, int],
) -> Iterator[str]:
    """Each kept label as json text, numbered from 1 through all shards."""
    number = 0
    for labels_path, masks_path, frames_path in zip(labels, masks, frames, strict=True):
        table = read_table(labels_path, LABELS)
        table = table.filter(table["kept"])
        shapes = read_table(masks_path, MASKS, ["mask_id", "rle_counts", "height_px", "width_px", "area_px"])
        rows = positions(
            table["mask_id"].to_numpy(),
            shapes["mask_id"].to_numpy(),
            (f"labels {labels_path}", f"masks {masks_path}"),
        )
        lengths = Counter(_column(frames_path, FRAMES, "video_id").to_pylist())
        for label, shape in zip(table.to_pylist(), shapes.take(pa.array(rows)).to_pylist(), strict=True):
            number += 1
            if label["frame_index"] >= lengths[label["video_id"]]:
                raise UserError(
                    f"{labels_path}: video {label['video_id']!r} has a label in frame "
                    f"{label['frame_index']}, but "
                    f"{frames_path} lists {lengths[label['video_id']]} frames of it",
                    fix="give the tables of the shards in the same order, or make the labels again",
                )
            yield _annotation(label, shape, lengths[label["video_id"]], number, video_ids[label["video_id"]])


def _annotation(
    label: Mapping[str, Any], shape: Mapping[str, Any], length: int, number: int, video_number: int
) -> str:
    """One label as json text; nulls are written as text, which is many times faster."""
    height, width = shape["height_px"], shape["width_px"]
    x0, y0, x1, y1 = mask_boxes([shape["rle_counts"]], height, width)[0].tolist()
    head = {
        "id": number,
        "video_id": video_number,
        "category_id": label["class_id"],
        "iscrowd": 0,
        "height": height,
        "width": width,
        "length": 1,
        "score": round(label["objectness"] * label["class_score"], DECIMALS),
        **{name: round(label[name], DECIMALS) for name in ("objectness", "class_score", "similarity")},
        "mask_id": label["mask_id"],
    }
    in_one_frame = {
        "segmentations": {"size": [height, width], "counts": shape["rle_counts"]},
        "bboxes": [x0, y0, x1 - x0, y1 - y0],
        "areas": shape["area_px"],
    }
    before, after = "null, " * label["frame_index"], ", null" * (length - 1 - label["frame_index"])
    lists = "".join(
        f', "{name}": [{before}{json.dumps(value)}{after}]' for name, value in in_one_frame.items()
    )
    return json.dumps(head)[:-1] + lists + "}"
