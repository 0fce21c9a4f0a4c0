"""Which shard a video belongs to: known when the workflow is parsed, and unmoved by other videos.

This module imports nothing that takes long, because every job of a cluster parses the workflow and asks for the index.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from operator import attrgetter
from pathlib import Path

from uvis_core.frames.sources import VideoEntry
from uvis_core.io.atomic import read_json, write_json
from uvis_core.io.errors import UserError
from uvis_core.provenance import text_digest


@dataclass(frozen=True)
class PlannedShard:
    """What the workflow has to know of one shard: how many videos, and the digest of everything about them."""

    videos: int
    digest: str


# Everything about a video, in the order of its fields.
_values = attrgetter(*(field.name for field in fields(VideoEntry)))

Index = Mapping[str, PlannedShard]
"""Shard name to shard, in order."""


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


def index_of(planned: Mapping[str, Sequence[VideoEntry]]) -> Index:
    """Count and digest of every shard; the digest covers ids, paths, image names and the state of all files."""
    return {
        name: PlannedShard(len(entries), text_digest(json.dumps([_values(entry) for entry in entries])))
        for name, entries in planned.items()
    }


def read_index(path: Path | str) -> Index | None:
    """The index of an earlier plan; None where there is none, or none that can be read."""
    try:
        return {name: PlannedShard(**shard) for name, shard in read_json(path)["shards"].items()}
    except (UserError, KeyError, TypeError, AttributeError):
        return None


def write_index(path: Path | str, index: Index) -> None:
    """Write an index as JSON."""
    write_json(path, {"shards": {name: asdict(shard) for name, shard in index.items()}}, indent=1)
