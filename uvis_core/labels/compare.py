"""What a person changed in exported labels, as corrections."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from pycocotools import mask as coco

from uvis_core.io.corrections import Correction
from uvis_core.io.errors import UserError
from uvis_core.io.rle import to_coco
from uvis_core.labels.exported import ExportedLabel, ExportedLabels

SAME_IOU = 0.5
"""A mask without its id is that of the exported label which it covers at least so well."""


@dataclass
class Changes:
    """The difference between labels as they were exported and as they came back.

    Attributes:
        corrections: By mask id: labels that are gone are rejected, those of another class renamed.
        untouched: Labels that came back as they were, or in another shape.
        reshaped: Labels whose mask came back in another shape.
        added: Masks that came back and belong to no exported label.
    """

    corrections: dict[int, Correction] = field(default_factory=dict)
    untouched: int = 0
    reshaped: int = 0
    added: int = 0


def compare_labels(exported: ExportedLabels, corrected: ExportedLabels) -> Changes:
    """Compare the videos that came back; nothing is said of any other one.

    Raises:
        UserError: A video or a class came back that was not exported, or the export carries no mask ids.
    """
    unknown = sorted(set(corrected.videos) - set(exported.videos))
    if unknown:
        raise UserError(
            f"{corrected.path}: video {unknown[0]!r} is not in {exported.path}",
            fix="name the files as they were exported: VIDEO.xml for the video VIDEO",
        )
    changes = Changes()
    for name in sorted(corrected.videos):
        before, after = exported.read(name), corrected.read(name)
        _check(exported, corrected, name, before, after)
        for frame in sorted({label.frame for label in (*before, *after)}):
            _compare_frame(
                [label for label in before if label.frame == frame],
                [label for label in after if label.frame == frame],
                changes,
            )
    return changes


def _check(
    exported: ExportedLabels,
    corrected: ExportedLabels,
    name: str,
    before: Sequence[ExportedLabel],
    after: Sequence[ExportedLabel],
) -> None:
    if any(label.mask_id is None for label in before):
        raise UserError(
            f"{exported.path}: video {name!r} has labels without a mask id",
            fix="give the labels as the exports stage wrote them, in the format cvat or ytvis",
        )
    for label in after:
        if label.class_name not in exported.class_names:
            raise UserError(
                f"{corrected.path}: video {name!r} has a label of class {label.class_name!r}",
                fix=f"name one of {', '.join(sorted(exported.class_names))}, or add the class to the vocabulary first",
            )
    sizes = sorted({label.size_px for label in (*before, *after)})
    if len(sizes) > 1:
        raise UserError(
            f"{corrected.path}: video {name!r} has masks of {sizes[0]} and {sizes[1]} (height, width)",
            fix="correct the video at the size of its frames",
        )


def _compare_frame(before: Sequence[ExportedLabel], after: Sequence[ExportedLabel], changes: Changes) -> None:
    """Note what became of the labels of one frame."""
    own, other = ([to_coco(label.counts, *label.size_px) for label in labels] for labels in (before, after))
    ious = np.array(coco.iou(own, other, [0] * len(other))).reshape(len(own), len(other))
    known = {label.mask_id for label in before}
    pairs = [
        (before[row].mask_id == after[column].mask_id, ious[row, column], row, column)
        for row in range(len(before))
        for column in range(len(after))
        if before[row].mask_id == after[column].mask_id
        or (after[column].mask_id not in known and ious[row, column] >= SAME_IOU)
    ]
    found: dict[int, int] = {}
    for _, _, row, column in sorted(pairs, key=lambda pair: (not pair[0], -pair[1], *pair[2:])):
        if row not in found and column not in found.values():
            found[row] = column
    changes.added += len(after) - len(found)
    for row, label in enumerate(before):
        assert label.mask_id is not None
        if row not in found:
            changes.corrections[label.mask_id] = Correction("reject")
            continue
        back = after[found[row]]
        changes.reshaped += bool(ious[row, found[row]] < 1)
        if back.class_name != label.class_name:
            changes.corrections[label.mask_id] = Correction("rename", back.class_name)
        else:
            changes.untouched += 1
