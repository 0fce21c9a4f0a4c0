"""A seeded sample of the kept labels, of bounded size however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from uvis_core.io.join import positions
from uvis_core.io.schemas.base import TableSchema
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.tables import embedding_matrix
from uvis_core.report.split_files import SplitFiles, rows_where

FRAMES_SAMPLED = 5_000
# A long video must not be the whole sample.
FRAMES_OF_VIDEO = 1_000
NO_CLASS = -1


@dataclass(frozen=True)
class KeptLabels:
    """N kept labels, video by video in the order of their frames.

    Attributes:
        video: int64 (N,) positions in the sample's videos.
        frame: int64 (N,) frame indices.
        mask_id: int64 (N,).
        class_id: int32 (N,).
        class_score: float32 (N,).
        similarity: float32 (N,); -1 where the class has no prototype.
        box: float32 (N, 4), x0, y0, x1, y1 in pixels.
        area_share: float64 (N,), share of the frame that the mask covers.
        rival: int32 (N,), the second class of each crop; ``NO_CLASS`` where that is not known.
        rival_share: float64 (N,), what the second class has of a softmax over the first two: 0 to 0.5.
    """

    video: np.ndarray
    frame: np.ndarray
    mask_id: np.ndarray
    class_id: np.ndarray
    class_score: np.ndarray
    similarity: np.ndarray
    box: np.ndarray
    area_share: np.ndarray
    rival: np.ndarray
    rival_share: np.ndarray

    def __len__(self) -> int:
        return len(self.mask_id)


@dataclass(frozen=True)
class Sample:
    """Labels of some videos, or of the first frames of them.

    Attributes:
        videos: Their names, shard by shard.
        frames: Number of frames of each, int64 (V,).
        labels: What was kept in these frames.
    """

    videos: Sequence[str]
    frames: np.ndarray
    labels: KeptLabels


def sample_labels(files: SplitFiles, seed: int) -> Sample:
    """Draw videos by seed until they have ``FRAMES_SAMPLED`` frames, and read their kept labels.

    Of a video the first ``FRAMES_OF_VIDEO`` frames count.

    Args:
        files: Frames, masks and labels of the split; crops where they are to name second classes.
        seed: Of the choice of videos.

    Raises:
        UserError: A table is damaged, or the tables do not belong together.
    """
    lengths = np.minimum(files.frame_counts, FRAMES_OF_VIDEO)
    order = np.random.default_rng(seed).permutation(len(lengths))
    before = np.cumsum(lengths[order]) - lengths[order]
    drawn = np.zeros(len(lengths), dtype=bool)
    drawn[order[before < FRAMES_SAMPLED]] = True
    parts, first = [], 0
    for shard, names in enumerate(files.video_ids.chunks):
        chosen = names.filter(pa.array(drawn[first : first + len(names)]))
        first += len(names)
        if len(chosen):
            parts.append(_read_shard(files, shard, chosen))
    before_shard = np.cumsum([0, *(len(names) for names, _ in parts)])
    columns = [
        {**part, "video": part["video"] + start}
        for (_, part), start in zip(parts, before_shard, strict=False)
    ]
    return Sample(
        [name for names, _ in parts for name in names.to_pylist()],
        lengths[drawn],
        KeptLabels(
            **{name: np.concatenate([part[name] for part in [_nothing(), *columns]]) for name in _nothing()}
        ),
    )


def _nothing() -> dict[str, np.ndarray]:
    """Columns without rows."""
    kinds = {"class_id": np.int32, "class_score": np.float32, "similarity": np.float32, "rival": np.int32}
    shares = ("area_share", "rival_share")
    columns = {
        field.name: np.zeros(0, kinds.get(field.name, np.float64 if field.name in shares else np.int64))
        for field in fields(KeptLabels)
    }
    return {**columns, "box": np.zeros((0, 4), np.float32)}


def _read_shard(files: SplitFiles, shard: int, videos: pa.Array) -> tuple[pa.Array, dict[str, np.ndarray]]:
    """The kept labels of some videos of one shard, joined with their masks and crops by mask id."""
    names = ["mask_id", "video_id", "frame_index", "class_id", "class_score", "similarity"]
    labels = _rows(files.labels[shard], LABELS, names, videos, kept=True)
    found = {name: labels[name].to_numpy() for name in names if name != "video_id"}
    found |= {"video": pc.index_in(labels["video_id"], value_set=videos).to_numpy().astype(np.int64)}
    found["frame"] = found.pop("frame_index").astype(np.int64)
    sizes = ["mask_id", "box_xyxy_px", "area_px", "height_px", "width_px"]
    masks = _rows(files.masks[shard], MASKS, sizes, videos)
    rows = positions(found["mask_id"], masks["mask_id"].to_numpy(), ("labels", "masks"))
    frame_px = masks["height_px"].to_numpy().astype(np.float64) * masks["width_px"].to_numpy()
    found["box"] = embedding_matrix(masks["box_xyxy_px"])[rows]
    found["area_share"] = (masks["area_px"].to_numpy() / frame_px)[rows]
    found |= _rivals(files.crops[shard], videos, found["mask_id"]) if files.crops else _no_rivals(len(labels))
    order = np.lexsort((found["mask_id"], found["frame"], found["video"]))
    return videos, {name: values[order] for name, values in found.items()}


def _rivals(path: str, videos: pa.Array, mask_ids: np.ndarray) -> dict[str, np.ndarray]:
    """The second class of each crop."""
    crops = _rows(path, CROPS, ["mask_id", "top_class_ids", "top_logits"], videos)
    rows = positions(mask_ids, crops["mask_id"].to_numpy(), ("labels", "crops"))
    crops = crops.take(pa.array(rows))
    if not len(crops) or pc.min(pc.list_value_length(crops["top_class_ids"])).as_py() < 2:
        return _no_rivals(len(crops))
    first, second = (pc.list_element(crops["top_logits"], place).to_numpy() for place in (0, 1))
    rival = pc.list_element(crops["top_class_ids"], 1).to_numpy()
    return {
        "rival": rival,
        "rival_share": 1 / (1 + np.exp(np.minimum(first - second, 80).astype(np.float64))),
    }


def _no_rivals(count: int) -> dict[str, np.ndarray]:
    return {"rival": np.full(count, NO_CLASS, np.int32), "rival_share": np.zeros(count)}


def _rows(
    path: str, schema: TableSchema, columns: Sequence[str], videos: pa.Array, kept: bool = False
) -> pa.Table:
    """Some columns of the rows of some videos' first frames."""
    chosen = pc.field("video_id").isin(videos) & (pc.field("frame_index") < FRAMES_OF_VIDEO)
    return rows_where(path, schema, columns, chosen & pc.field("kept") if kept else chosen)
