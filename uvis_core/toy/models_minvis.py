"""The embedded initial MinVIS: trained on generated images in which each thing is an "object", without any class."""

import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import torch

from uvis_core.config.training import LossSettings, TrainingSettings
from uvis_core.io.atomic import write_json
from uvis_core.io.images import write_image
from uvis_core.io.rle import encode_masks, mask_areas, mask_boxes
from uvis_core.toy.models_backbone import TOY_MINVIS
from uvis_core.toy.samples import model_generator, sample_image
from uvis_core.training.loop import train
from uvis_core.training.processes import Processes

STREAM = 2
"""Keeps these images apart from those that the detector and the CLIP model learn from."""
CHUNK = 64
IMAGES = 20000
SHORT_SIDE_PX = 128
POINTS = 1024
BATCH = 8
LEARNING_RATE = 8e-4
WARM_UP_STEPS = 200
NO_OBJECT_WEIGHT = 0.5
"""Published models have 100 queries, of which nearly all see nothing; with 16 the published 0.1 invites duplicates."""
DECAY_SHARES = (0.75, 0.93)
"""Parts of the training after which the learning rate falls to a tenth."""


def _write_sample(folder: Path, seed: int, number: int) -> dict[str, Any]:
    """Draw and write one image; returns what the json needs to know of it."""
    sample = sample_image(model_generator(seed, STREAM, number))
    name = f"{number:05d}/00000.jpg"
    write_image(folder / name, sample.images)
    height, width = sample.images.shape[:2]
    return {"name": name, "size": (height, width), "counts": encode_masks(sample.masks)}


def write_training_images(folder: Path, count: int, seed: int, workers: int = 1) -> Path:
    """Draw ``count`` still images and their annotations, as videos of one frame in YTVIS layout.

    Args:
        folder: Receives the images and ``labels.json``.
        count: Number of images.
        seed: Equal seeds give equal images.
        workers: Processes that draw.

    Returns:
        Path of the json; its single category is "object".
    """
    with ProcessPoolExecutor(max(workers, 1)) as pool:
        jobs = pool.map(_write_sample, [folder] * count, [seed] * count, range(count), chunksize=CHUNK)
        samples = list(jobs)
    videos: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for video_id, sample in enumerate(samples, start=1):
        height, width = sample["size"]
        videos.append(
            {"id": video_id, "width": width, "height": height, "length": 1, "file_names": [sample["name"]]}
        )
        boxes = mask_boxes(sample["counts"], height, width)
        areas = mask_areas(sample["counts"], height, width)
        for counts, box, area in zip(sample["counts"], boxes.tolist(), areas.tolist(), strict=True):
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "video_id": video_id,
                    "category_id": 1,
                    "iscrowd": 0,
                    "segmentations": [{"size": [height, width], "counts": counts}],
                    "areas": [area],
                    "bboxes": [[box[0], box[1], box[2] - box[0], box[3] - box[1]]],
                }
            )
    path = folder / "labels.json"
    categories = [{"id": 1, "name": "object", "supercategory": "object"}]
    write_json(path, {"info": {}, "videos": videos, "categories": categories, "annotations": annotations})
    return path


def make_minvis(folder: Path, steps: int, seed: int) -> None:
    """Train on top of the folder's ``backbone.safetensors`` and write ``minvis/model.safetensors`` with its sizes."""
    settings = TrainingSettings(
        steps=steps,
        batch_size=BATCH,
        learning_rate=LEARNING_RATE,
        warmup_steps=WARM_UP_STEPS,
        decay_steps=tuple(round(share * steps) for share in DECAY_SHARES),
        short_sides_px=(SHORT_SIDE_PX,),
        loss=LossSettings(points=POINTS, no_object_weight=NO_OBJECT_WEIGHT),
        model=TOY_MINVIS,
        backbone=str(folder / "backbone.safetensors"),
    )
    alone = Processes(0, 1, torch.device("cpu"))
    with tempfile.TemporaryDirectory() as images:
        labels = write_training_images(Path(images), IMAGES, seed)
        train(settings, labels, Path(images), folder / "minvis/model.safetensors", seed, alone, workers=1)
