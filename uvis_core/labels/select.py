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
    verdicts = first_failed(scores, least_scores(class_ids, settings, overrides))
    reason = np.array([*CRITERIA, KEPT], dtype=object)[verdicts]
    return {
        "mask_id": mask_ids,
        "video_id": crops["video_id"],
        "frame_index": crops["frame_index"],
        "class_id": class_ids,
        **{name: scores[name] for name in CRITERIA if name != "area"},
        "kept": reason == KEPT,
        "reason": reason,
    }


def least_scores(
    class_ids: np.ndarray, settings: LabelsSettings, overrides: Mapping[int, Mapping[str, float]]
) -> dict[str, np.ndarray]:
    """The thresholds of some rows, or of some classes.

    Args:
        class_ids: int (N,).
        settings: As in ``select_labels``.
        overrides: As in ``select_labels``.

    Returns:
        float64 (N,) by criterion, without those that are switched off.
    """
    found = {}
    for criterion in CRITERIA:
        general = settings.min_area_share if criterion == "area" else getattr(settings, criterion)
        if general is not None:
            least = found[criterion] = np.full(len(class_ids), general, dtype=np.float64)
            for class_id, own in overrides.items():
                if criterion in own:
                    least[class_ids == class_id] = own[criterion]
    return found


def first_failed(scores: Mapping[str, np.ndarray], least: Mapping[str, np.ndarray]) -> np.ndarray:
    """The verdict on every row.

    Args:
        scores: (N,) by criterion.
        least: Thresholds by criterion, (N,) or one for all; compared in the precision of the scores. A criterion that
            is not there is switched off.

    Returns:
        int8 (N,) places in ``CRITERIA`` of the first criterion that a row fails; its length where it fails none.
    """
    verdicts = np.full(len(scores[CRITERIA[0]]), len(CRITERIA), dtype=np.int8)
    for place, criterion in reversed(list(enumerate(CRITERIA))):
        if criterion in least:
            values = scores[criterion]
            np.copyto(verdicts, place, where=values < np.asarray(least[criterion]).astype(values.dtype))
    return verdicts
