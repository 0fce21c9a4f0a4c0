"""The embedded initial MinVIS: trained on generated images in which no shape of the vocabulary has a name.

First every thing is an "object". Then the shapes that no vocabulary names are told apart, while those of the vocabulary
go on being objects: queries learn to carry what tells one shape from another, so that the training stage can learn its
classes at a rate that keeps the masks. In the end every thing is an "object" again. All this has then been learned from
clean images; last, backbone and MinVIS learn it on from augmented ones, as published models do.
"""

import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import torch

from uvis_core.config.training import LossSettings, TrainingSettings
from uvis_core.io.atomic import atomic_path
from uvis_core.io.images import write_image
from uvis_core.io.rle import encode_masks
from uvis_core.io.samples import write_samples
from uvis_core.io.schemas.labels import KEPT
from uvis_core.io.schemas.samples import SAMPLES
from uvis_core.toy.camera import augmented_photo
from uvis_core.toy.models_backbone import TOY_MINVIS, make_backbone
from uvis_core.toy.samples import model_generator, sample_image
from uvis_core.toy.shapes import CLASSES, DISTRACTORS
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
KINDS_IMAGES = 12000
AUGMENTED_ROUNDS = ((3500, (2400, 3200)), (4500, (3200, 4150)))
"""Steps, and those of them after which the learning rate falls."""
NO_OBJECT_WEIGHT = 0.5
"""Published models have 100 queries, of which nearly all see nothing; with 16 the published 0.1 invites duplicates."""
DECAY_SHARES = (0.75, 0.93)
"""Parts of the training after which the learning rate falls to a tenth."""


def _write_sample(folder: Path, seed: int, number: int, augmented: bool) -> dict[str, Any]:
    """Draw and write one image; returns its row of training samples."""
    rng = model_generator(seed, STREAM, number)
    sample = sample_image(rng)
    path = folder / f"{number:05d}/00000.jpg"
    write_image(path, augmented_photo(sample.images, rng) if augmented else sample.images)
    height, width = sample.images.shape[:2]
    classes = [1 if kind < len(CLASSES) else 2 + kind - len(CLASSES) for kind in sample.kinds.tolist()]
    return {
        "video": number,
        "video_id": path.parent.name,
        "frame_index": 0,
        "path": str(path),
        "height_px": height,
        "width_px": width,
        "class_ids": classes,
        "scores": [1.0] * len(classes),
        "rle_counts": encode_masks(sample.masks),
    }


def write_training_images(
    folder: Path,
    count: int,
    seed: int,
    workers: int = 1,
    *,
    told_apart: bool = False,
    augmented: bool = False,
) -> Path:
    """Draw ``count`` still images and their labels, as videos of one frame.

    Args:
        folder: Receives the images and ``samples.arrow``.
        count: Number of images.
        seed: Equal seeds give equal images.
        workers: Processes that draw.
        told_apart: Give each shape that no vocabulary names a category of its own.
        augmented: Show most images as a poor camera would.

    Returns:
        Path of the training samples; their first class is "object", and the only one unless ``told_apart``.
    """
    with ProcessPoolExecutor(max(workers, 1)) as pool:
        write = partial(_write_sample, folder, seed, augmented=augmented)
        rows = list(pool.map(write, range(count), chunksize=CHUNK))
    columns = {name: [row[name] for row in rows] for name in SAMPLES.columns.names}
    names = ("object", *(DISTRACTORS if told_apart else ()))
    if not told_apart:
        columns["class_ids"] = [[1] * len(classes) for classes in columns["class_ids"]]
    path = folder / "samples.arrow"
    labels = sum(map(len, columns["class_ids"]))
    write_samples(path, [columns], dict(enumerate(names, start=1)), {KEPT: labels})
    return path


def make_minvis(folder: Path, steps: int, seed: int) -> None:
    """Train on top of the folder's ``backbone.safetensors`` and write ``minvis/model.safetensors`` with its sizes."""
    settings = TrainingSettings(
        steps=steps,
        learning_rate=LEARNING_RATE,
        warmup_steps=WARM_UP_STEPS,
        decay_steps=tuple(round(share * steps) for share in DECAY_SHARES),
        backbone=str(folder / "backbone.safetensors"),
        **_common(),
    )
    with tempfile.TemporaryDirectory() as images:
        samples = write_training_images(Path(images), IMAGES, seed)
        _train(settings, samples, folder / "minvis/model.safetensors", seed)


def make_kinds(folder: Path, steps: int, seed: int) -> None:
    """Train the folder's ``minvis/model.safetensors`` on, first to tell kinds apart, then on objects; replace it."""
    initial = folder / "minvis/model.safetensors"
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        settings = TrainingSettings(
            steps=steps,
            learning_rate=4e-4,
            warmup_steps=50,
            decay_steps=(steps * 11 // 15, steps * 14 // 15),
            initial=str(initial),
            **_common(),
        )
        samples = write_training_images(work, KINDS_IMAGES, seed, told_apart=True)
        _train(settings, samples, work / "kinds/model.safetensors", seed)
        _forget_kinds(work / "kinds/model.safetensors", work / "objects", seed)
        _replace(work / "objects", initial.parent)


def make_augmented(folder: Path, steps: int, seed: int) -> None:
    """Train the folder's backbone on with augmented images, then its MinVIS on top of that; replace both.

    Args:
        folder: Of the models.
        steps: For the backbone.
        seed: Of images, order and weights.
    """
    initial = folder / "minvis/model.safetensors"
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        make_backbone(work / "backbone", steps, seed, folder / "backbone.safetensors")
        samples = write_training_images(work, KINDS_IMAGES, seed, told_apart=True, augmented=True)
        for number, (round_steps, decay_steps) in enumerate(AUGMENTED_ROUNDS):
            settings = TrainingSettings(
                steps=round_steps,
                learning_rate=6e-4,
                warmup_steps=50,
                decay_steps=decay_steps,
                initial=str(initial),
                backbone=str(work / "backbone/backbone.safetensors"),
                **_common(),
            )
            made = work / f"kinds-{number}" / "model.safetensors"
            _train(settings, samples, made, seed)
            initial = made
        _forget_kinds(initial, work / "objects", seed, augmented=True)
        _replace(work / "objects", folder / "minvis")
        _replace(work / "backbone", folder)


def _forget_kinds(initial: Path, output: Path, seed: int, *, augmented: bool = False) -> None:
    """Train a model that tells kinds apart on until everything is an "object" to it."""
    settings = TrainingSettings(
        steps=400,
        learning_rate=3e-4,
        warmup_steps=20,
        decay_steps=(250,),
        initial=str(initial),
        **_common(),
    )
    samples = write_training_images(output.parent, KINDS_IMAGES, seed, augmented=augmented)
    _train(settings, samples, output / "model.safetensors", seed)


def _replace(made: Path, folder: Path) -> None:
    """Put the files of one folder in place of those of another, each whole or not at all."""
    for file in made.iterdir():
        if (folder / file.name).exists():
            with atomic_path(folder / file.name) as whole:
                shutil.copyfile(file, whole)


def _common() -> dict[str, Any]:
    return {
        "batch_size": BATCH,
        "short_sides_px": (SHORT_SIDE_PX,),
        "loss": LossSettings(points=POINTS, no_object_weight=NO_OBJECT_WEIGHT),
        "model": TOY_MINVIS,
    }


def _train(settings: TrainingSettings, samples: Path, output: Path, seed: int) -> None:
    train(settings, samples, output, seed, Processes(0, 1, torch.device("cpu")), workers=1)
