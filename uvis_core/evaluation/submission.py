"""Results packed as the YTVIS and OVIS servers take them: ``results.json`` at the root of a zip."""

import json
import math
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from uvis_core.evaluation.predictions.repeats import Repeats
from uvis_core.io.annotations.listing import read_listing
from uvis_core.io.annotations.model import Video, VideoId
from uvis_core.io.atomic import atomic_path
from uvis_core.io.errors import UserError
from uvis_core.io.json_items import iterate_list
from uvis_core.io.runs import decode_runs

KEYS = ("video_id", "category_id", "score", "segmentations")
MEMBER = "results.json"
TRACKS_PER_VIDEO = 100


@dataclass
class _Faults:
    """Faults by their kind: how many, and where the first was."""

    first: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, place: str) -> None:
        self.first.setdefault(kind, place)
        self.counts[kind] = self.counts.get(kind, 0) + 1


def make_submission(predictions: Path | str, split: Path | str, output: Path | str) -> list[str]:
    """Check a results file and pack it; equal results give equal bytes.

    Args:
        predictions: Results in YTVIS json.
        split: The split's json with its videos and categories, with or without annotations.
        output: The zip to write.

    Returns:
        What the servers take but what may not be meant, in words.

    Raises:
        UserError: The servers would refuse the file or misread it; names every kind of fault with its number
            and the first entry that has it.
    """
    predictions, split = Path(predictions), Path(split)
    videos, names = read_listing(split)
    faults = _Faults()
    tracks: dict[VideoId, int] = dict.fromkeys(videos, 0)
    with atomic_path(output) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        # A fixed date, since the time of packing is no part of the results.
        member = zipfile.ZipInfo(MEMBER, date_time=(1980, 1, 1, 0, 0, 0))
        member.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(member, "w", force_zip64=True) as stream:
            _write_list(stream, _checked(predictions, videos, names, faults, tracks))
        if not faults.counts and not any(tracks.values()):
            faults.add("the list is empty", "no prediction at all")
        if faults.counts:
            listed = [
                f"{count} x {kind} (first: {faults.first[kind]})" for kind, count in faults.counts.items()
            ]
            raise UserError(
                f"{predictions}: would be refused or misread: {'; '.join(listed)}",
                fix="mend the entries named; masks are COCO run lengths with counts as compressed text, or null",
            )
    return _warnings(predictions, tracks)


def _checked(
    path: Path,
    videos: Mapping[VideoId, Video],
    names: Mapping[int, str],
    faults: _Faults,
    tracks: dict[VideoId, int],
) -> Iterator[dict[str, Any]]:
    """The entries with the keys of the format, checked on their way."""
    repeats = Repeats()
    for number, entry in enumerate(iterate_list(path)):
        missing = [key for key in KEYS if not isinstance(entry, dict) or key not in entry]
        if missing:
            faults.add(f"lacks {', '.join(missing)}", f"prediction {number}")
            continue
        found = list(entry_faults(entry, videos, names))
        for kind, value in found:
            faults.add(kind, f"prediction {number}, {value}")
        if not found:
            masks = {
                place: mask["counts"].encode() for place, mask in enumerate(entry["segmentations"]) if mask
            }
            facts = tuple(entry[key] for key in KEYS[:3])
            first = repeats.first(number, facts, masks) if masks else number
            if first != number:
                faults.add("a track is listed twice", f"prediction {number} as prediction {first}")
        if isinstance(entry["video_id"], int | str) and entry["video_id"] in tracks:
            tracks[entry["video_id"]] += 1
        yield {key: entry[key] for key in KEYS}


def entry_faults(
    entry: Mapping[str, Any], videos: Mapping[VideoId, Video], names: Mapping[int, str]
) -> Iterator[tuple[str, str]]:
    """Faults of one entry as kind and value; ``entry`` has all keys."""
    score = entry["score"]
    if isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score):
        yield "score is no finite number", repr(score)
    if not isinstance(entry["category_id"], int) or entry["category_id"] not in names:
        yield "category_id is not in the split", repr(entry["category_id"])
    video = videos.get(entry["video_id"]) if isinstance(entry["video_id"], int | str) else None
    if video is None:
        yield "video_id is not in the split", repr(entry["video_id"])
        return
    masks = entry["segmentations"]
    if not isinstance(masks, list) or len(masks) != video.frames:
        count = len(masks) if isinstance(masks, list) else repr(masks)
        yield "segmentations are not one per frame", f"{count} for {video.frames} frames"
        return
    for frame, mask in enumerate(masks):
        fault = _mask_fault(mask, video)
        if fault is not None:
            yield fault[0], f"frame {frame}, {fault[1]}"


def _mask_fault(mask: Any, video: Video) -> tuple[str, str] | None:
    """Kind and value of what is wrong with one mask, None where nothing is."""
    if mask is None:
        return None
    if not isinstance(mask, dict) or not {"size", "counts"} <= mask.keys():
        return "mask is neither null nor has size and counts", repr(mask)[:40]
    if mask["size"] != [video.height_px, video.width_px]:
        return "mask has not the size of the video", f"{mask['size']} for {[video.height_px, video.width_px]}"
    if not isinstance(mask["counts"], str):
        return "counts are no compressed text", repr(mask["counts"])[:40]
    try:
        decode_runs([mask["counts"].encode("ascii")], video.height_px, video.width_px)
    except ValueError as error:
        return "counts do not describe a mask of this size", str(error)
    return None


def _write_list(stream: IO[bytes], entries: Iterator[dict[str, Any]]) -> None:
    stream.write(b"[")
    for number, entry in enumerate(entries):
        stream.write((",\n" if number else "").encode() + json.dumps(entry).encode())
    stream.write(b"]\n")


def _warnings(path: Path, tracks: Mapping[VideoId, int]) -> list[str]:
    without = [video_id for video_id, count in tracks.items() if count == 0]
    many = [video_id for video_id, count in tracks.items() if count > TRACKS_PER_VIDEO]
    found = []
    if without:
        found.append(f"{path}: {len(without)} video(s) have no prediction (first: {without[0]!r})")
    if many:
        number = f"{len(many)} video(s) have more than {TRACKS_PER_VIDEO} predictions (first: {many[0]!r})"
        found.append(f"{path}: {number}; only the best of each class count")
    return found
