"""Labels corrected by hand: what a person says goes before what the thresholds say."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from uvis_core.io.corrections import SHOWN, Correction
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.corrections import SAME_CLASS
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.schemas.labels import ACCEPTED, REJECTED
from uvis_core.io.tables import read_table


def check_corrections(
    corrections: Mapping[int, Correction], crops: Iterable[Path | str], class_ids: Mapping[str, int]
) -> dict[str, Any]:
    """See that every corrected mask is there.

    Args:
        corrections: By mask id.
        crops: Crops tables of all shards of all splits that are labelled.
        class_ids: Of the vocabulary, by name.

    Returns:
        Columns of the table of corrections, in the order of the mask ids.

    Raises:
        UserError: A mask is nowhere, or has no crop and so can be no label.
    """
    mask_ids = np.array(sorted(corrections), dtype=np.int64)
    known = np.zeros(len(mask_ids), dtype=bool)
    for path in crops:
        known |= np.isin(mask_ids, read_table(path, CROPS, ["mask_id"])["mask_id"].to_numpy())
    if not known.all():
        unknown = mask_ids[~known].tolist()
        more = f" and {len(unknown) - SHOWN} more" if len(unknown) > SHOWN else ""
        raise UserError(
            f"the corrections name {', '.join(map(str, unknown[:SHOWN]))}{more}, which are no crops of this run",
            fix="correct labels of this very run; after other frames or other weights of masks they have other ids",
        )
    ordered = [corrections[mask_id] for mask_id in mask_ids.tolist()]
    return {
        "mask_id": mask_ids,
        "kept": [one.verdict != "reject" for one in ordered],
        "class_id": [class_ids[one.class_name] if one.class_name else SAME_CLASS for one in ordered],
    }


def apply_corrections(columns: Mapping[str, Any], corrections: pa.Table) -> dict[str, Any]:
    """Put corrections in the place of the thresholds' verdicts; scores stay those of the first class.

    Args:
        columns: From ``select_labels``.
        corrections: Checked ones of the whole run.

    Returns:
        The same columns with other classes, verdicts and reasons.
    """
    mask_ids = corrections["mask_id"].to_numpy()
    places = np.searchsorted(mask_ids, columns["mask_id"])
    by_hand = np.append(mask_ids, -1)[places] == columns["mask_id"]
    places = places[by_hand]
    kept, reason, class_ids = (columns[name].copy() for name in ("kept", "reason", "class_id"))
    accepted = corrections["kept"].to_numpy(zero_copy_only=False)[places]
    others = corrections["class_id"].to_numpy()[places]
    kept[by_hand] = accepted
    reason[by_hand] = np.where(accepted, ACCEPTED, REJECTED)
    class_ids[by_hand] = np.where(others == SAME_CLASS, class_ids[by_hand], others)
    return {**columns, "kept": kept, "reason": reason, "class_id": class_ids}
