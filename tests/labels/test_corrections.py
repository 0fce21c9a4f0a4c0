from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.labels.made import crops, masks, similarities, typed
from uvis_core.config.labels import LabelsSettings
from uvis_core.io.corrections import Correction
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.tables import write_table
from uvis_core.labels.corrections import apply_corrections, check_corrections
from uvis_core.labels.select import select_labels

CLASSES = {"star": 4, "ring": 7}
IDS = [30, 10, 20, 40]


def selected() -> dict[str, Any]:
    """Labels of four masks, of which the thresholds remove the first and the last."""
    scores = [0.1, 0.9, 0.9, 0.1]
    return select_labels(
        typed(masks(IDS, [0, 0, 1, 1], scores)),
        typed(crops(IDS, [0, 0, 1, 1], [4] * 4, [0.8] * 4)),
        typed(similarities(IDS, [4] * 4, [0.9] * 4)),
        LabelsSettings(objectness=0.5, class_score=0.5, similarity=0.5),
        {},
    )


def crop_tables(folder: Path) -> list[Path]:
    for name, ids in (("one", IDS[:2]), ("two", IDS[2:])):
        write_table(folder / f"{name}.parquet", CROPS, crops(ids, [0, 0], [4, 4], [0.8, 0.8]))
    return [folder / "one.parquet", folder / "two.parquet"]


def checked(folder: Path, corrections: dict[int, Correction]) -> pa.Table:
    return pa.table(check_corrections(corrections, crop_tables(folder), CLASSES))


def test_a_hand_goes_before_the_thresholds(tmp_path: Path) -> None:
    corrections = {
        40: Correction("accept"),
        20: Correction("reject"),
        10: Correction("rename", "ring"),
    }
    before = selected()
    labels = apply_corrections(before, checked(tmp_path, corrections))
    assert labels["reason"].tolist() == [
        "objectness",
        "accepted by hand",
        "rejected by hand",
        "accepted by hand",
    ]
    assert labels["kept"].tolist() == [False, True, False, True]
    assert labels["class_id"].tolist() == [4, 7, 4, 4]
    # Scores are what was measured.
    np.testing.assert_array_equal(labels["objectness"], before["objectness"])
    assert before["kept"].tolist() == [False, True, True, False]


def test_without_corrections_nothing_changes(tmp_path: Path) -> None:
    before = selected()
    after = apply_corrections(before, checked(tmp_path, {}))
    assert {name: np.asarray(value).tolist() for name, value in after.items()} == {
        name: np.asarray(value).tolist() for name, value in before.items()
    }


def test_masks_of_all_shards_may_be_corrected_and_no_others(tmp_path: Path) -> None:
    table = checked(tmp_path, {40: Correction("reject"), 30: Correction("accept")})
    assert table["mask_id"].to_pylist() == [30, 40]
    with pytest.raises(UserError, match="the corrections name 41, 42, which are no crops of this run"):
        checked(tmp_path, {42: Correction("accept"), 10: Correction("accept"), 41: Correction("reject")})
