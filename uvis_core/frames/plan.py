"""Which shard a video belongs to: known when the workflow is parsed, and unmoved by other videos."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from uvis_core.frames.sources import VideoEntry, image_files
from uvis_core.io.errors import UserError
from uvis_core.provenance import text_digest


def shard_of(video_id: str, shards: int) -> int:
    """The shard, 0 to ``shards`` - 1, of a video: a hash of its id, so that adding a video moves no other."""
    return int.from_bytes(hashlib.sha256(video_id.encode()).digest()[:8], "big") % shards


def shard_name(shard: int, shards: int) -> str:
    """Such as ``shard-03-of-16``."""
    digits = max(2, len(str(shards)))
    return f"shard-{shard:0{digits}d}-of-{shards:0{digits}d}"


def plan_shards(entries: Sequence[VideoEntry], shards: int) -> dict[str, list[VideoEntry]]:
    """Spread the videos over at most ``shards`` shards; empty ones are left out.

    Returns:
        Shard name to its videos, both in order.

    Raises:
        UserError: ``shards`` is less than one.
    """
    if shards < 1:
        raise UserError(f"{shards} shards", fix="use at least one shard")
    found: dict[int, list[VideoEntry]] = {}
    for entry in entries:
        found.setdefault(shard_of(entry.video_id, shards), []).append(entry)
    return {shard_name(shard, shards): found[shard] for shard in sorted(found)}


def shard_entries(entries: Sequence[VideoEntry], name: str) -> list[VideoEntry]:
    """The videos of the one shard called ``name``.

    Raises:
        UserError: ``name`` is no shard's name, or its shard is empty.
    """
    count = name.rpartition("-")[2]
    planned = plan_shards(entries, int(count)) if count.isdigit() else {}
    if name not in planned:
        raise UserError(
            f"shard {name!r} holds no video; the shards are "
            f"{', '.join(planned) or 'named like shard-00-of-04'}",
            fix="name one of these, or run the workflow again so that it plans anew",
        )
    return planned[name]


def entries_digest(entries: Sequence[VideoEntry]) -> str:
    """Digest of which images the entries name, for sources whose images are too many to be inputs one by one.

    Covers ids, paths and image names, not the images' content or time: who replaces images under the same
    names deletes the shard's frame index.
    """
    parts = []
    for entry in entries:
        names = image_files(Path(entry.path)) if entry.kind == "folder" else entry.file_names
        parts.append([entry.video_id, entry.kind, entry.path, list(names)])
    return text_digest(json.dumps(parts))
