"""Files of training samples for the tests of this stage."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from uvis_core.io.samples import write_samples


def frame(
    video: int, place: int, path: str, size: tuple[int, int], labels: Sequence[tuple[int, str]] = ()
) -> dict[str, Any]:
    """A row with its labels: class ids and run lengths."""
    return {
        "video": video,
        "video_id": f"video-{video}",
        "frame_index": place,
        "path": path,
        "height_px": size[0],
        "width_px": size[1],
        "class_ids": [class_id for class_id, _ in labels],
        "scores": [0.5] * len(labels),
        "rle_counts": [counts for _, counts in labels],
    }


def write_frames(
    path: Path,
    rows: Sequence[Mapping[str, Any]],
    *,
    class_ids: Sequence[int] = (1,),
    counts: Mapping[str, int] | None = None,
    batch_rows: int = 4,
) -> Path:
    """Write rows as they are, some to a record batch."""
    batches = (
        {name: [row[name] for row in rows[start : start + batch_rows]] for name in rows[0]}
        for start in range(0, len(rows), batch_rows)
    )
    write_samples(path, batches, {number: f"class {number}" for number in class_ids}, counts or {"kept": 1})
    return path
