"""The masks stage: every frame of a table to class-agnostic masks with boxes and objectness."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pyarrow as pa
import torch

from uvis_core.config.masks import MasksSettings
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.tables import ROW_GROUP_ROWS
from uvis_core.jobs import progress
from uvis_core.masks.detections import Detections
from uvis_core.masks.mask_ids import mask_id
from uvis_core.masks.run_lengths import area_px, compress_runs

MOST_BEHIND = 256
"""Frames that may wait to be packed; more and packing, not the device, sets the pace."""


def generate_masks(
    frames: pa.Table, settings: MasksSettings, *, device: torch.device, batch_size: int, workers: int
) -> dict[str, Any]:
    """Find masks in every frame.

    Frames stream: worker processes decode and resize ahead, the device finds masks and the ends of their runs, and one
    thread packs runs into text meanwhile (it has the interpreter to itself while the main thread waits for the device).
    Finished rows wait in Arrow, where a mask costs little more than its text.

    Args:
        frames: Table ``frames``, in any order.
        settings: What changes the result.
        device: Where the model runs.
        batch_size: Frames at a time; frames of different sizes never share a batch.
        workers: Processes that decode.

    Returns:
        The columns of table ``masks``; rows are sorted by video, frame, and falling objectness.

    Raises:
        UserError: A frame or the weights are missing, damaged or does not fit; names it.
    """
    frames = frames.select(["video_id", "frame_index", "path", "height_px", "width_px"])
    frames = frames.sort_by([("video_id", "ascending"), ("frame_index", "ascending")])
    rows = frames.to_pylist()
    pieces, waiting = [], []
    with ThreadPoolExecutor(max_workers=1) as packer:
        detections = _detections(rows, settings, device, batch_size, workers)
        detections = progress(detections, total=len(rows), unit="frame", name="masks")
        for found in _packed(packer, rows, detections):
            waiting += found
            if len(waiting) >= ROW_GROUP_ROWS:
                pieces.append(pa.Table.from_pylist(waiting, MASKS.columns))
                waiting = []
    table = pa.concat_tables([*pieces, pa.Table.from_pylist(waiting, MASKS.columns)])
    return {name: table[name] for name in table.column_names}


def _detections(
    rows: list[dict[str, Any]], settings: MasksSettings, device: torch.device, batch_size: int, workers: int
) -> Iterator[tuple[int, Detections]]:
    """Those of the backend; the other one's libraries, seconds of import, stay out of the process."""
    if settings.backend == "maskcut":
        from uvis_core.masks.maskcut import maskcut_detections

        return maskcut_detections(rows, settings, device, batch_size, workers)
    from uvis_core.masks.cutler import cutler_detections

    return cutler_detections(rows, settings, device, batch_size, workers)


def _packed(
    packer: ThreadPoolExecutor, rows: list[dict[str, Any]], detections: Iterator[tuple[int, Detections]]
) -> Iterator[list[dict[str, Any]]]:
    """Rows of every frame's masks, in order, made in the packer's thread while later frames are detected."""
    behind: deque[Future[list[dict[str, Any]]]] = deque()
    for place, found in detections:
        behind.append(packer.submit(_mask_rows, rows[place], found))
        if len(behind) > MOST_BEHIND:
            yield behind.popleft().result()
    for future in behind:
        yield future.result()


def _mask_rows(frame: dict[str, Any], found: Detections) -> list[dict[str, Any]]:
    video_id, frame_index = frame["video_id"], frame["frame_index"]
    height, width = frame["height_px"], frame["width_px"]
    texts = compress_runs(found.runs, height, width)
    return [
        {
            "mask_id": mask_id(video_id, frame_index, rank),
            "video_id": video_id,
            "frame_index": frame_index,
            "rle_counts": text,
            "height_px": height,
            "width_px": width,
            "box_xyxy_px": box,
            "area_px": area_px(runs),
            "objectness": objectness,
        }
        for rank, (text, runs, box, objectness) in enumerate(
            zip(texts, found.runs, found.boxes_xyxy_px, found.objectness, strict=True)
        )
    ]
