"""Whether enough of a split's videos could be read, and what the report says about it."""

from collections.abc import Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from uvis_core.io.atomic import read_json
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.tables import read_table

REASONS_SHOWN = 3


def check_frames(
    frames: Sequence[Path | str], failures: Sequence[Path | str], max_failed_share: float
) -> dict[str, Any]:
    """Count a split's videos, frames and failures, shard by shard.

    Args:
        frames: Frames tables of all shards.
        failures: Failure ledgers of all shards.
        max_failed_share: Share of the videos that may have failed, 0 to 1.

    Returns:
        ``{"videos", "failed", "frames", "failures": [{video_id, path, reason}]}``; ``videos`` includes the
        failed.

    Raises:
        UserError: More than that share failed, or nothing is left.
    """
    failed = sorted((entry for path in failures for entry in _ledger(path)), key=itemgetter("video_id"))
    rows = readable = 0
    for path in frames:
        column = read_table(path, FRAMES, ["video_id"])["video_id"]
        rows += len(column)
        readable += len(pc.unique(column))
    videos = readable + len(failed)
    reasons = "; ".join(entry["reason"] for entry in failed[:REASONS_SHOWN])
    reasons += f"; and {len(failed) - REASONS_SHOWN} more" if len(failed) > REASONS_SHOWN else ""
    if readable == 0:
        raise UserError(
            f"no video could be read, of {videos}{': ' if reasons else ''}{reasons}",
            fix="give videos that play; the failure ledgers beside the frame tables name every reason",
        )
    if len(failed) > max_failed_share * videos:
        raise UserError(
            f"{len(failed)} of {videos} videos could not be read, more than max_failed_share "
            f"{max_failed_share:g} allows: {reasons}",
            fix="replace or remove these files, or raise frames.max_failed_share to go on without them",
        )
    return {"videos": videos, "failed": len(failed), "frames": rows, "failures": failed}


def _ledger(path: Path | str) -> list[dict[str, str]]:
    """The failures of one shard."""
    entries = read_json(path)
    if not isinstance(entries, list) or not all(
        isinstance(entry, dict) and {"video_id", "reason"} <= entry.keys() for entry in entries
    ):
        raise UserError(
            f"{path}: is no ledger of failures", fix="give what extract_frames.py wrote as --failures"
        )
    return entries
