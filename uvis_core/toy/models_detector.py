"""The embedded detector: CutLER's architecture at a thirtieth of its width, trained on generated images.

As CutLER does, it looks for things of any kind: distractors are objects like the shapes of the vocabulary, and no class
is ever shown to it.
"""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import torch
from detectron2.modeling import build_model
from detectron2.structures import BitMasks, Boxes, Instances
from detectron2.utils.events import EventStorage
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, Dataset

from uvis_core.config.masks import DetectorModel, MasksSettings
from uvis_core.io.atomic import write_json
from uvis_core.masks.cascade import detector_config, load_detector, quiet_detectron2
from uvis_core.toy.model_files import write_half_precision
from uvis_core.toy.samples import ToySample, model_generator, sample_image

TOY_DETECTOR = DetectorModel(
    stem_channels=16,
    res2_channels=32,
    width_per_group=8,
    fpn_channels=32,
    fc_dim=128,
    mask_channels=32,
    anchor_sizes_px=(16, 28, 44, 60, 90),
    proposals=100,
    min_size_px=128,
    max_size_px=160,
)
BATCH = 8
LEARNING_RATE = 2e-3
WARM_UP_STEPS = 100
EMA_DECAY = 0.998
STREAM, HELD_OUT_STREAM = 0, 1

log = logging.getLogger("uvis")


class DetectorImages(Dataset):
    """Generated images in the form detectron2 trains on; equal seed and position give equal images."""

    def __init__(self, seed: int, length: int) -> None:
        self.seed, self.length = seed, length

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, position: int) -> dict[str, Any]:
        return detector_input(sample_image(model_generator(self.seed, STREAM, position)))


def detector_input(sample: ToySample) -> dict[str, Any]:
    """One image and its things, all of the single class 0, as ``GeneralizedRCNN`` takes them."""
    masks = BitMasks(torch.from_numpy(sample.masks))
    things = Instances(sample.images.shape[:2])
    things.gt_boxes = Boxes(masks.get_bounding_boxes().tensor)
    things.gt_classes = torch.zeros(len(masks), dtype=torch.int64)
    things.gt_masks = masks
    return {"image": torch.from_numpy(sample.images).permute(2, 0, 1), "instances": things}


def train_detector(steps: int, seed: int, workers: int = 1) -> nn.Module:
    """Train the small detector from scratch on generated images.

    Args:
        steps: Optimiser steps of ``BATCH`` images, after which the learning rate has fallen to zero.
        seed: Of the images, the weights and the sampling of regions.
        workers: Processes that draw images.

    Returns:
        The exponential moving average of the weights over the run, in inference mode.
    """
    torch.manual_seed(seed)
    quiet_detectron2()
    cfg = detector_config(TOY_DETECTOR, score_floor=0.05, detections=100)
    # A few things per image need no hundreds of sampled regions.
    cfg.MODEL.RPN.BATCH_SIZE_PER_IMAGE = 64
    cfg.MODEL.ROI_HEADS.BATCH_SIZE_PER_IMAGE = 48
    detector = build_model(cfg).train()
    average = AveragedModel(detector, multi_avg_fn=get_ema_multi_avg_fn(EMA_DECAY), use_buffers=True)
    optimiser = torch.optim.AdamW(detector.parameters(), lr=LEARNING_RATE, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser,
        LEARNING_RATE,
        total_steps=steps,
        pct_start=min(0.3, WARM_UP_STEPS / steps),
        cycle_momentum=False,
    )
    loader = DataLoader(
        DetectorImages(seed, steps * BATCH),
        BATCH,
        num_workers=workers,
        collate_fn=list,
        prefetch_factor=4 if workers else None,
    )
    with EventStorage():
        for step, batch in enumerate(loader):
            losses = detector(batch)
            loss = torch.stack(list(losses.values())).sum()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(detector.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            average.update_parameters(detector)
            if step % 50 == 0:
                log.info("detector step %d of %d: loss %.3f (%s)", step, steps, loss.item(), _brief(losses))
    return average.module.eval()


def _brief(losses: dict[str, Tensor]) -> str:
    return ", ".join(f"{name.removeprefix('loss_')} {value.item():.2f}" for name, value in losses.items())


def detector_quality(detector: nn.Module, seed: int, images: int = 300) -> dict[str, float]:
    """Measure the detector on images that no training run of this seed draws.

    A thing is found when a mask has an IoU with it above the given one; each mask may find one thing.

    Returns:
        Recall of masks with an objectness of at least 0.5, at mask IoU 0.5 and 0.75; at IoU 0.5 for an objectness of
        0.7, the paper's threshold, and for any; and how many masks per image, of objectness at least 0.5 or below,
        lie on nothing (IoU under 0.1 with every thing).
    """
    things = 0
    counts = dict.fromkeys(("recall_50", "recall_75", "recall_50_at_0.7", "recall_50_at_any"), 0)
    clutter = dict.fromkeys(("clutter_per_image_confident", "clutter_per_image_low"), 0)
    for position in range(images):
        sample = sample_image(model_generator(seed, HELD_OUT_STREAM, position))
        height, width = sample.images.shape[:2]
        image = torch.from_numpy(sample.images).permute(2, 0, 1)
        with torch.inference_mode():
            result = detector([{"image": image, "height": height, "width": width}])[0]["instances"]
        iou = mask_iou(sample.masks, result.pred_masks.numpy().astype(bool))
        objectness = result.scores.numpy()
        things += len(sample.masks)
        counts["recall_50"] += matched(iou[:, objectness >= 0.5], 0.5)
        counts["recall_75"] += matched(iou[:, objectness >= 0.5], 0.75)
        counts["recall_50_at_0.7"] += matched(iou[:, objectness >= 0.7], 0.5)
        counts["recall_50_at_any"] += matched(iou, 0.5)
        on_nothing = iou.max(axis=0, initial=0) < 0.1
        clutter["clutter_per_image_confident"] += int((on_nothing & (objectness >= 0.5)).sum())
        clutter["clutter_per_image_low"] += int((on_nothing & (objectness < 0.5)).sum())
    values = {name: count / things for name, count in counts.items()}
    values |= {name: count / images for name, count in clutter.items()}
    return {name: round(value, 3) for name, value in values.items()}


def make_detector(folder: Path, steps: int, seed: int) -> None:
    """Train the detector and write ``masks.safetensors`` in float16, with what it reached in ``masks.quality.json``."""
    path = folder / "masks.safetensors"
    write_half_precision(path, train_detector(steps, seed).state_dict())
    settings = MasksSettings(weights=str(path), objectness_floor=0.1, model=TOY_DETECTOR)
    quality = detector_quality(load_detector(settings, torch.device("cpu")), seed)
    write_json(folder / "masks.quality.json", {"steps": steps, "seed": seed, **quality}, indent=2)


def mask_iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """IoU of every mask of ``a`` (A, H, W) with every mask of ``b`` (B, H, W), both bool: float (A, B)."""
    pixels = a.shape[1] * a.shape[2]
    a_flat, b_flat = (masks.reshape(-1, pixels).astype(np.float32) for masks in (a, b))
    overlap = a_flat @ b_flat.T
    union = a_flat.sum(1)[:, None] + b_flat.sum(1)[None] - overlap
    return overlap / np.maximum(union, 1)


def matched(iou: np.ndarray, threshold: float) -> int:
    """Number of rows that can be given a column of their own with an IoU above the threshold, best pairs first."""
    left = np.where(iou > threshold, iou, 0.0)
    count = 0
    while left.size and left.max() > 0:
        row, column = np.unravel_index(left.argmax(), left.shape)
        left[row], left[:, column] = 0, 0
        count += 1
    return count
