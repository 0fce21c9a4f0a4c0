"""Which crops become pseudo-labels (section 3.1), and why the others do not."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from uvis_core.config.labels import LabelsSettings
from uvis_core.io.errors import UserError
from uvis_core.io.join import positions
from uvis_core.io.schemas.labels import CRITERIA, KEPT


def select_labels(
    masks: pa.Table,
    crops: pa.Table,
    similarities: pa.Table,
    settings: LabelsSettings,
    overrides: Mapping[int, Mapping[str, float]],
) -> dict[str, Any]:
    """Judge every crop of one shard by the thresholds; a score equal to its threshold passes.

    Args:
        masks: Masks table of the shard; may hold masks without crops.
        crops: Crops table of the shard, N rows.
        similarities: Similarities table of the same crops.
        settings: Thresholds of all classes.
        overrides: Class id to thresholds of its own, by the names of ``CRITERIA``. A criterion that
            ``settings`` switches off stays off.

    Returns:
        Columns of the labels table, N rows in the order of ``crops``.

    Raises:
        UserError: The tables do not hold the same masks or classes.
    """
    mask_ids, class_ids = crops["mask_id"].to_numpy(), crops["class_id"].to_numpy()
    in_masks = positions(mask_ids, masks["mask_id"].to_numpy(), ("crops", "masks"))
    in_similarities = positions(mask_ids, similarities["mask_id"].to_numpy(), ("crops", "similarities"))
    other = similarities["class_id"].to_numpy()[in_similarities] != class_ids
    if len(similarities) != len(crops) or other.any():
        raise UserError(
            f"crops and similarities disagree: {len(crops)} and {len(similarities)} rows, "
            f"{int(other.sum())} of another "
            "class",
            fix="the similarities come from older crops: delete them and run again",
        )
    frame_px = masks["height_px"].to_numpy().astype(np.float64) * masks["width_px"].to_numpy()
    scores = {
        "objectness": masks["objectness"].to_numpy()[in_masks],
        "class_score": crops["class_score"].to_numpy(),
        "similarity": similarities["similarity"].to_numpy()[in_similarities],
        "area": (masks["area_px"].to_numpy() / frame_px)[in_masks],
    }
    reason = np.full(len(crops), KEPT, dtype=object)
    for criterion in reversed(CRITERIA):
        general = settings.min_area_share if criterion == "area" else getattr(settings, criterion)
        if general is not None:
            least = _thresholds(class_ids, general, criterion, overrides).astype(scores[criterion].dtype)
            reason[scores[criterion] < least] = criterion
    return {
        "mask_id": mask_ids,
        "video_id": crops["video_id"],
        "frame_index": crops["frame_index"],
        "class_id": class_ids,
        **{name: scores[name] for name in CRITERIA if name != "area"},
        "kept": reason == KEPT,
        "reason": reason,
    }


def _thresholds(
    class_ids: np.ndarray, general: float, criterion: str, overrides: Mapping[int, Mapping[str, float]]
) -> np.ndarray:
    """The threshold of each row, float64 (N,)."""
    least = np.full(len(class_ids), general)
    for class_id, own in overrides.items():
        if criterion in own:
            least[class_ids == class_id] = own[criterion]
    return least
