"""The crops stage: every mask of a table to an embedding, its classes and their scores."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from uvis_core.config.crops import CropsSettings
from uvis_core.crops.crop_batches import MaskedFrame, crop_batches
from uvis_core.crops.encoders import load_encoder
from uvis_core.crops.readings import class_cosines, class_scores
from uvis_core.crops.text import TextEmbeddings, one_class_without_words
from uvis_core.io.devices import autocast
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.tables import embedding_array, embedding_matrix
from uvis_core.jobs import progress


def score_crops(
    masks: pa.Table,
    frames: pa.Table,
    text: TextEmbeddings | None,
    settings: CropsSettings,
    *,
    device: torch.device,
    batch_size: int,
    workers: int,
    weights_file: Path | str | None = None,
) -> dict[str, Any]:
    """Embed the crop of every mask and compare it with the classes.

    Args:
        masks: Table ``masks``; rows of one frame lie together.
        frames: Table ``frames`` with at least the frames of the masks.
        text: The vocabulary, embedded by the same model; None for a model that knows no words, which gives every crop
            the one class of ``one_class_without_words``.
        settings: What changes the result.
        device: Where the model runs.
        batch_size: Crops at a time, across frames.
        workers: Processes that decode and cut.
        weights_file: The fetched file of the tag that the settings name, if they name one.

    Returns:
        The columns of table ``crops``, one row per mask in the order of ``masks``. The chosen class is the one of
        highest score; top-k columns hold the best ``settings.top_k`` classes, the best first.

    Raises:
        UserError: A frame, the model or its weights are missing, damaged or do not fit each other.
    """
    encoder = load_encoder(settings, device, weights_file)
    text = text or one_class_without_words(encoder.width)
    here = TextEmbeddings(**{name: tensor.to(device) for name, tensor in vars(text).items()})
    top_k = min(settings.top_k, len(text.class_ids))
    batches = crop_batches(
        list(masked_frames(masks, frames)), encoder, settings, batch_size=batch_size, workers=workers
    )
    found: dict[str, np.ndarray] = {
        "embedding": np.empty((len(masks), text.embeddings.shape[2]), np.float16),
        "score": np.empty((len(masks), 1), np.float32),
        "position": np.empty((len(masks), top_k), np.int64),
        "cosine": np.empty((len(masks), top_k), np.float32),
    }
    start = 0
    for crops in progress(batches, total=-(-len(masks) // batch_size), unit="batch", name="crops"):
        with torch.inference_mode():
            with autocast(device, settings.precision):
                embeddings = encoder.encode(crops.to(device, non_blocking=True))
            _same_width(embeddings, here)
            cosines = class_cosines(embeddings, here, settings.reading)
            scores = class_scores(cosines, here.logit_scale, settings.reading)
            # Ranked by cosine: the same order as by score, without the ties of a saturated softmax.
            best, position = cosines.topk(top_k, dim=1)
            batch = {
                "embedding": embeddings.half(),
                "score": scores.gather(1, position[:, :1]),
                "position": position,
                "cosine": best,
            }
        for name, values in batch.items():
            found[name][start : start + len(crops)] = values.cpu().numpy()
        start += len(crops)
    return _columns(masks, found, text)


def masked_frames(masks: pa.Table, frames: pa.Table) -> Iterator[MaskedFrame]:
    """Group the masks by frame, in their order, and find each frame's file.

    Raises:
        UserError: A frame of the masks is not in the table of frames.
    """
    keys = frames.select(["video_id", "frame_index", "path"]).to_pylist()
    paths = {(row["video_id"], row["frame_index"]): row["path"] for row in keys}
    boxes, texts = embedding_matrix(masks["box_xyxy_px"]), masks["rle_counts"]
    videos = masks["video_id"].combine_chunks().dictionary_encode()
    columns = [masks[name].to_numpy() for name in ("frame_index", "height_px", "width_px")]
    changes = np.diff(videos.indices.to_numpy()).astype(bool) | np.diff(columns[0]).astype(bool)
    bounds = [0, *(np.flatnonzero(changes) + 1).tolist(), len(masks)] if len(masks) else []
    for start, stop in pairwise(bounds):
        video_id = videos[start].as_py()
        frame_index, height, width = (int(column[start]) for column in columns)
        if (video_id, frame_index) not in paths:
            raise UserError(
                f"frame {frame_index} of video {video_id!r} has masks but is not in the frame index",
                fix="masks and frames must be of the same shard; delete the table of masks so that it is made again",
            )
        yield MaskedFrame(
            paths[video_id, frame_index], boxes[start:stop], texts.slice(start, stop - start), (height, width)
        )


def _same_width(embeddings: torch.Tensor, text: TextEmbeddings) -> None:
    if embeddings.shape[1] != text.embeddings.shape[2]:
        raise UserError(
            f"crops have {embeddings.shape[1]} embedding dimensions, the vocabulary {text.embeddings.shape[2]}",
            fix="embed the vocabulary again with the model that scores the crops",
        )


def _columns(masks: pa.Table, found: dict[str, np.ndarray], text: TextEmbeddings) -> dict[str, Any]:
    top_ids = text.class_ids.numpy()[found["position"]].astype(np.int32)
    cosines = found["cosine"]
    return {
        **{name: masks[name] for name in ("mask_id", "video_id", "frame_index")},
        "class_id": top_ids[:, 0],
        "class_score": found["score"][:, 0],
        "cosine": cosines[:, 0],
        "top_class_ids": _lists("top_class_ids", top_ids),
        "top_logits": _lists("top_logits", cosines * text.logit_scale.numpy()),
        "top_cosines": _lists("top_cosines", cosines),
        "embedding": embedding_array(found["embedding"]),
    }


def _lists(name: str, values: np.ndarray) -> pa.Array:
    """Rows (N, K) as a column of lists."""
    kind = CROPS.columns.field(name).type
    offsets = np.arange(0, values.size + 1, values.shape[1], dtype=np.int32)
    flat = pa.array(values.reshape(-1), kind.value_type)
    return pa.ListArray.from_arrays(offsets, flat, type=kind)
