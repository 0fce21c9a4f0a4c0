from pathlib import Path

import pytest

from uvis_core.frames.check import check_frames
from uvis_core.io.atomic import write_json
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.tables import write_table


def shard(
    folder: Path, number: int, frames_per_video: dict[str, int], failed: tuple[str, ...] = ()
) -> tuple[Path, Path]:
    names = [name for name, count in frames_per_video.items() for _ in range(count)]
    count = len(names)
    columns = {
        "video_id": names,
        "frame_index": list(range(count)),
        "path": names,
        "height_px": [4] * count,
        "width_px": [4] * count,
        "timestamp_s": [0.0] * count,
    }
    table, ledger = folder / f"{number}.parquet", folder / f"{number}.json"
    write_table(table, FRAMES, columns)
    write_json(ledger, [{"video_id": name, "path": name, "reason": f"{name} is broken"} for name in failed])
    return table, ledger


def test_counts_go_over_all_shards(tmp_path: Path) -> None:
    tables, ledgers = zip(
        shard(tmp_path, 0, {"a": 3, "b": 2}, ("z",)), shard(tmp_path, 1, {"c": 1}, ("y",)), strict=True
    )
    summary = check_frames(tables, ledgers, max_failed_share=0.4)
    assert {key: summary[key] for key in ("videos", "failed", "frames")} == {
        "videos": 5,
        "failed": 2,
        "frames": 6,
    }
    assert [entry["video_id"] for entry in summary["failures"]] == ["y", "z"]


def test_too_many_failures_stop_and_say_why(tmp_path: Path) -> None:
    table, ledger = shard(tmp_path, 0, {"a": 1}, ("u", "v", "w", "x"))
    with pytest.raises(UserError, match=r"4 of 5 videos.*u is broken; v is broken; w is broken; and 1 more"):
        check_frames([table], [ledger], max_failed_share=0.5)
    assert check_frames([table], [ledger], max_failed_share=0.8)["failed"] == 4


def test_nothing_left_stops_whatever_is_allowed(tmp_path: Path) -> None:
    table, ledger = shard(tmp_path, 0, {}, ("u",))
    with pytest.raises(UserError, match="no video could be read, of 1: u is broken"):
        check_frames([table], [ledger], max_failed_share=1.0)
