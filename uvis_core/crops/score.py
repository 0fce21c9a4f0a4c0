"""The crops stage: every mask of a table to an embedding, its classes and their scores."""

from collections.abc import Iterator
from itertools import groupby
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
    parts: dict[str, list[np.ndarray]] = {name: [] for name in ("embedding", "score", "position", "cosine")}
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
            parts[name].append(values.cpu().numpy())
    return _columns(masks, parts, text, top_k)


def masked_frames(masks: pa.Table, frames: pa.Table) -> Iterator[MaskedFrame]:
    """Group the masks by frame, in their order, and find each frame's file.

    Raises:
        UserError: A frame of the masks is not in the table of frames.
    """
    keys = frames.select(["video_id", "frame_index", "path"]).to_pylist()
    paths = {(row["video_id"], row["frame_index"]): row["path"] for row in keys}
    boxes = embedding_matrix(masks["box_xyxy_px"])
    rows = masks.select(["video_id", "frame_index", "rle_counts", "height_px", "width_px"]).to_pylist()
    start = 0
    for key, group in groupby(rows, key=lambda row: (row["video_id"], row["frame_index"])):
        own = list(group)
        if key not in paths:
            raise UserError(
                f"frame {key[1]} of video {key[0]!r} has masks but is not in the frame index",
                fix="masks and frames must be of the same shard; delete the table of masks so that it is made again",
            )
        size_px = (own[0]["height_px"], own[0]["width_px"])
        yield MaskedFrame(
            paths[key], boxes[start : start + len(own)], [row["rle_counts"] for row in own], size_px
        )
        start += len(own)


def _same_width(embeddings: torch.Tensor, text: TextEmbeddings) -> None:
    if embeddings.shape[1] != text.embeddings.shape[2]:
        raise UserError(
            f"crops have {embeddings.shape[1]} embedding dimensions, the vocabulary {text.embeddings.shape[2]}",
            fix="embed the vocabulary again with the model that scores the crops",
        )


def _columns(
    masks: pa.Table, parts: dict[str, list[np.ndarray]], text: TextEmbeddings, top_k: int
) -> dict[str, Any]:
    width = text.embeddings.shape[2]
    empty = {"embedding": (0, width), "score": (0, 1), "position": (0, top_k), "cosine": (0, top_k)}
    joined = {
        name: np.concatenate(values) if values else np.zeros(empty[name]) for name, values in parts.items()
    }
    top_ids = text.class_ids.numpy()[joined["position"].astype(np.int64)].astype(np.int32)
    cosines = joined["cosine"].astype(np.float32)
    return {
        **{name: masks[name] for name in ("mask_id", "video_id", "frame_index")},
        "class_id": top_ids[:, 0],
        "class_score": joined["score"][:, 0].astype(np.float32),
        "cosine": cosines[:, 0],
        "top_class_ids": list(top_ids),
        "top_logits": list(cosines * text.logit_scale.numpy()),
        "top_cosines": list(cosines),
        "embedding": embedding_array(joined["embedding"]),
    }
