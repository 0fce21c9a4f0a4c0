from pathlib import Path

import pandas as pd

from tests.exports.world import NAMES, TRUE_LABELS, TRUE_TRACKS, VIDEO, World
from uvis_core.exports import table


def test_pandas_reads_a_row_per_track_and_frame(world: World, tmp_path: Path) -> None:
    table.write(tmp_path, world.content("tracks"))
    rows = pd.read_csv(tmp_path / "objects.csv")
    assert list(rows.columns) == [
        *("video", "frame", "time_s", "track", "class", "score"),
        *("x_px", "y_px", "width_px", "height_px", "area_px"),
    ]
    assert set(rows["video"]) == {VIDEO}
    assert [tuple(row) for row in rows[["track", "frame"]].to_numpy()] == [
        (number, frame) for number, (_, _, masks) in TRUE_TRACKS.items() for frame in masks
    ]
    last = rows.iloc[-1]
    assert (last["class"], last["score"], last["time_s"]) == (NAMES[2], 0.75, 0.75)
    assert last["area_px"] == TRUE_TRACKS[11][2][3].sum()
    assert (last["x_px"], last["y_px"], last["width_px"], last["height_px"]) == (9, 7, 23, 23)


def test_labels_are_known_by_their_mask_ids(world: World, tmp_path: Path) -> None:
    table.write(tmp_path, world.content("labels"))
    rows = pd.read_csv(tmp_path / "objects.csv")
    assert rows["mask_id"].to_list() == list(TRUE_LABELS)
    assert "track" not in rows


def test_a_least_score_leaves_the_others_out(world: World, tmp_path: Path) -> None:
    table.write(tmp_path, world.content("tracks", min_score=0.75))
    assert set(pd.read_csv(tmp_path / "objects.csv")["track"]) == {11}
